# lavaan's four fits of a ladder with their difference tests. Usage: Rscript invariance.R data.csv model.lav group estimator repeats
suppressMessages(library(lavaan))
given <- commandArgs(trailingOnly = TRUE)
data <- read.csv(given[1])
model <- paste(readLines(given[2]), collapse = "\n")
equal <- list("", "loadings", c("loadings", "intercepts"), c("loadings", "intercepts", "residuals"))
ladder <- function() {
  fits <- lapply(equal, function(one) {
    cfa(model, data, group = given[3], estimator = given[4], std.lv = TRUE, group.equal = one)
  })
  measures <- lapply(fits, fitMeasures)
  tests <- do.call(lavTestLRT, fits)
  list(chisq = sapply(measures, function(one) one["chisq"]), diff = tests[["Chisq diff"]][-1])
}
times <- numeric(0)
for (at in seq_len(as.integer(given[5]))) {
  times <- c(times, system.time(found <- ladder())[["elapsed"]])
}
cat(median(times), "\n", format(found$chisq, digits = 12), "\n", format(found$diff, digits = 12), "\n")
