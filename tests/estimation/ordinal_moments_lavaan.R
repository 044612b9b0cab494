# Sample statistics of ordered and mixed variables, and their asymptotic covariance, from lavaan 0.7-2.
# Rscript ordinal_moments_lavaan.R   (in this folder; reads ../reference/data, writes the .json beside it)
if (nzchar(lib <- Sys.getenv("REF_LAVLIB"))) .libPaths(c(lib, .libPaths()))
suppressMessages(library(lavaan))
d <- read.csv("../reference/data/bfi_keyed_600.csv")
d$C4 <- as.integer(d$C4 > 4)
one <- function(ys, ordered, xs = character(0), missing = "listwise") {
  model <- paste0("f =~ ", paste(ys, collapse = " + "), if (length(xs)) paste0("\nf ~ ", paste(xs, collapse = " + ")))
  fit <- suppressWarnings(sem(model, data = d, ordered = ordered, missing = missing, estimator = "WLSMV",
                              do.fit = FALSE, bad.marker.crit = 0))
  ss <- fit@SampleStats
  list(ys = ys, ordered = ordered, xs = I(xs), missing = missing, n = ss@nobs[[1]],
       statistics = ss@WLS.obs[[1]], gamma = ss@NACOV[[1]])
}
mixed <- c("C5", "A1", "A2", "age", "C4")
out <- list(
  lavaan = as.character(packageVersion("lavaan")),
  ordered = one(c("A1", "A2", "C4", "C3"), c("A1", "A2", "C4", "C3")),
  "ordered-pairwise" = one(c("A1", "A2", "C4", "C3"), c("A1", "A2", "C4", "C3"), missing = "pairwise"),
  mixed = one(mixed, c("A1", "A2", "C4")),
  "mixed-pairwise" = one(mixed, c("A1", "A2", "C4"), missing = "pairwise"),
  "covariates" = one(c("A1", "A2", "C4"), c("A1", "A2", "C4"), c("age", "C2")),
  "covariates-mixed-pairwise" = one(c("C5", "A1", "C4", "C3"), c("A1", "C4"), "age", missing = "pairwise"))
writeLines(jsonlite::toJSON(out, digits = I(12), auto_unbox = TRUE), "ordinal_moments_lavaan.json")
