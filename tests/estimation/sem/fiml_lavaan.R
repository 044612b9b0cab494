# Fits of incomplete data that are not among the reference cases, by lavaan 0.7 (tested with 0.7-2.3170).
#
#     cd tests/estimation/sem && Rscript fiml_lavaan.R        (LAVLIB: folder with another lavaan)
#
# Writes fiml_lavaan.json: estimates, standard errors, tests and some fit measures of each fit.
.libPaths(c(Sys.getenv("LAVLIB"), .libPaths()))
suppressMessages(library(lavaan))
data <- read.csv("../../reference/data/hs1939_missing.csv")

HS <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9"
COVARIATES <- "visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
visual ~ sex + ageyr
textual ~ sex + ageyr + visual"

uncovered <- data
rows <- seq_len(nrow(data))
uncovered$x2[rows %% 2 == 0] <- NA
uncovered$x5[rows %% 2 == 1] <- NA
sparse <- data
sparse[5:9, paste0("x", 1:6)] <- NA
sparse$sex[20:22] <- NA
sparse[30, c("sex", "ageyr", paste0("x", 1:6))] <- NA

fits <- list(
  list("expected-mlr", "cfa", HS, "data", list(missing = "ml", estimator = "MLR", information = "expected")),
  list("unstructured-mlr", "cfa", HS, "data", list(missing = "ml", estimator = "MLR", h1.information = "unstructured")),
  list("h1-observed", "cfa", HS, "data", list(missing = "ml", observed.information = "h1")),
  list("h1-unstructured", "cfa", HS, "data", list(missing = "ml", observed.information = "h1", h1.information = "unstructured")),
  list("expected-unstructured", "cfa", HS, "data", list(missing = "ml", information = "expected", h1.information = "unstructured")),
  list("yuan-bentler", "cfa", HS, "data", list(missing = "ml", estimator = "MLR", test = "yuan.bentler")),
  list("robust-se", "cfa", HS, "data", list(missing = "ml", se = "robust.huber.white")),
  list("wishart", "cfa", HS, "data", list(missing = "ml", likelihood = "wishart")),
  list("cluster", "cfa", HS, "data", list(missing = "ml", cluster = "ageyr")),
  list("cluster-mlr", "cfa", HS, "data", list(missing = "ml", cluster = "ageyr", estimator = "MLR")),
  list("groups", "cfa", HS, "data", list(missing = "ml", group = "school", group.equal = c("loadings", "intercepts"))),
  list("groups-mlr", "cfa", HS, "data", list(missing = "ml", group = "school", estimator = "MLR", group.equal = "loadings")),
  list("groups-two-stage", "cfa", HS, "data", list(missing = "two.stage", group = "school", group.equal = "loadings")),
  list("groups-robust-two-stage", "cfa", HS, "data", list(missing = "robust.two.stage", group = "school", group.equal = c("loadings", "intercepts"))),
  list("two-stage-expected", "cfa", HS, "data", list(missing = "two.stage", information = "expected")),
  list("two-stage-fixed-x", "sem", COVARIATES, "data", list(missing = "two.stage")),
  list("robust-two-stage-fixed-x", "sem", COVARIATES, "data", list(missing = "robust.two.stage")),
  list("two-stage-gls", "cfa", HS, "data", list(missing = "two.stage", estimator = "GLS")),
  list("two-stage-uls", "cfa", HS, "data", list(missing = "two.stage", estimator = "ULS")),
  list("two-stage-wls", "cfa", HS, "data", list(missing = "two.stage", estimator = "WLS")),
  list("robust-two-stage-gls", "cfa", HS, "data", list(missing = "robust.two.stage", estimator = "GLS")),
  list("robust-two-stage-uls", "cfa", HS, "data", list(missing = "robust.two.stage", estimator = "ULS")),
  list("ml-gls", "cfa", HS, "data", list(missing = "ml", estimator = "GLS")),
  list("pairwise", "cfa", HS, "data", list(missing = "pairwise")),
  list("pairwise-groups", "cfa", HS, "data", list(missing = "pairwise", group = "school", group.equal = "loadings")),
  list("pairwise-observed", "cfa", HS, "data", list(missing = "pairwise", information = "observed")),
  list("uncovered", "cfa", HS, "uncovered", list(missing = "ml")),
  list("uncovered-mlr", "cfa", HS, "uncovered", list(missing = "ml", estimator = "MLR")),
  list("empty-rows", "cfa", "f =~ x4 + x5 + x6 + x2", "sparse", list(missing = "ml")),
  list("covariates-only-rows", "sem", COVARIATES, "sparse", list(missing = "ml")),
  list("covariates-only-rows-mlr", "sem", COVARIATES, "sparse", list(missing = "ml", estimator = "MLR"))
)

number <- function(x) ifelse(is.na(x) | is.infinite(x), "null", formatC(x, digits = 15, format = "g"))
pair <- function(name, x) paste0("\"", name, "\": ", x)
object <- function(x) paste0("{", paste(x, collapse = ", "), "}")
text <- function(x) paste0("\"", gsub("\n", "\\\\n", x), "\"")
value <- function(x) if (is.character(x)) paste0("[", paste(text(x), collapse = ", "), "]") else number(x)

one <- function(spec) {
  fit <- suppressWarnings(do.call(spec[[2]], c(list(spec[[3]], data = get(spec[[4]]), bad.marker.crit = 0,
    em.h1.args = list(tol = 1e-12, max_iter = 20000L),
    optim.force.converged = TRUE, control = list(rel.tol = 1e-15, iter.max = 10000)), spec[[5]])))
  table <- parameterEstimates(fit)
  table <- table[!table$op %in% c("==", "<", ">"), ]
  group <- if (is.null(table$group)) rep(1, nrow(table)) else table$group
  rows <- sapply(seq_len(nrow(table)), function(i) object(c(
    pair("lhs", text(table$lhs[i])), pair("op", text(table$op[i])), pair("rhs", text(table$rhs[i])),
    pair("group", group[i]), pair("est", number(table$est[i])), pair("se", number(table$se[i])))))
  fields <- c("stat", "df", "pvalue", "scaling.factor", "scaling.factor.h0", "scaling.factor.h1", "trace.UGamma")
  tests <- sapply(fit@test, function(test) {
    known <- fields[sapply(fields, function(f) !is.null(test[[f]]))]
    object(c(pair("test", text(test$test)), sapply(known, function(f) pair(f, number(test[[f]])))))
  })
  measures <- fitMeasures(fit)
  measures <- measures[!grepl("^gfi_(lrt|rls)", names(measures))]
  object(c(
    pair("name", text(spec[[1]])), pair("fun", text(spec[[2]])), pair("model", text(spec[[3]])),
    pair("data", text(spec[[4]])),
    pair("options", object(mapply(pair, gsub("\\.", "_", names(spec[[5]])), lapply(spec[[5]], function(x)
      if (is.character(x) && length(x) == 1) text(x) else value(x))))),
    pair("nobs", paste0("[", paste(lavInspect(fit, "nobs"), collapse = ", "), "]")),
    pair("parameters", paste0("[", paste(rows, collapse = ",\n  "), "]")),
    pair("tests", paste0("[", paste(tests, collapse = ",\n  "), "]")),
    pair("fit", object(mapply(pair, names(measures), number(as.numeric(measures)))))
  ))
}
done <- sapply(fits, one)
writeLines(paste0("{\"lavaan\": ", text(as.character(packageVersion("lavaan"))), ",\n\"fits\": [\n",
  paste(done, collapse = ",\n"), "\n]}"), "fiml_lavaan.json")
