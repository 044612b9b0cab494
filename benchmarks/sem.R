# Rscript sem.R FOLDER: each task of tasks.json in lavaan; writes results.json (seconds, median; estimates).
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
tasks <- fromJSON(file.path(folder, "tasks.json"), simplifyDataFrame = FALSE)
median_seconds <- function(expression, runs) {
  median(sapply(seq_len(runs), function(run) {
    start <- proc.time()[["elapsed"]]
    expression()
    proc.time()[["elapsed"]] - start
  }))
}
results <- list(version = as.character(packageVersion("lavaan")), r = R.version.string, tasks = list())
for (task in tasks) {
  data <- read.csv(file.path(folder, task$data))
  model <- task$model
  items <- names(data)
  # A call as a person types it: with the data's name in it. A call that holds the data themselves would cost lavaan
  # seconds, since it keeps and prints its call.
  typed <- as.call(c(quote(sem), list(model = quote(model), data = quote(data)), task[["options"]]))
  if (!is.null(task[["ordered"]])) typed$ordered <- quote(items)
  fit <- eval(typed)
  whole <- function() {
    one <- eval(typed)
    if (is.null(task[["fit_only"]])) {
      fitMeasures(one)
      parameterEstimates(one, standardized = TRUE)
    }
  }
  if (!is.null(task[["draws"]])) {
    few <- 20
    start <- proc.time()[["elapsed"]]
    for (draw in seq_len(few)) {
      drawn <- simulateData(task$population, sample.nobs = 200, seed = draw)
      sem(model, drawn)
    }
    seconds <- (proc.time()[["elapsed"]] - start) * task[["draws"]] / few
  } else if (!is.null(task[["bootstrap"]])) {
    few <- task[["few"]]
    start <- proc.time()[["elapsed"]]
    bootstrapLavaan(fit, R = few, iseed = 1)
    # A bootstrap's cost is proportional to its replicates: a few are drawn and scaled, and this is said.
    seconds <- (proc.time()[["elapsed"]] - start) * task[["bootstrap"]] / few
  } else {
    seconds <- median_seconds(whole, task$runs)
  }
  table <- parameterEstimates(fit)
  rows <- table$op %in% c("=~", "~")
  results$tasks[[task$name]] <- list(
    seconds = seconds,
    names = paste(table$lhs, table$op, table$rhs)[rows], estimates = table$est[rows]
  )
}
write(toJSON(results, digits = 12, auto_unbox = TRUE), file.path(folder, "results.json"))
