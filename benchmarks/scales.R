# psych's and lavaan's side of benchmarks/scales.py: Rscript scales.R data.csv seconds.json
suppressWarnings(suppressMessages({ library(psych); library(lavaan); library(jsonlite) }))
paths <- commandArgs(trailingOnly = TRUE)
x <- read.csv(paths[1]); k <- ncol(x); six <- lapply(1:6, function(s) seq(s, k, 6))
quiet <- function(e) suppressWarnings(suppressMessages({ capture.output(r <- e); r }))
# Median of `runs` timings, each the mean of `each` calls.
seconds <- function(task, runs = 5, each = 1) median(sapply(seq_len(runs), function(i) system.time(for (j in seq_len(each)) task())[["elapsed"]] / each))

set.seed(1)
a <- quiet(alpha(x)); o <- quiet(omega(x, 6, plot = FALSE)); one <- sapply(six, function(s) quiet(omega(x[, s], 1, plot = FALSE))$omega.tot)
f <- quiet(fa(x, 6)); poly <- lavCor(x, ordered = names(x)); b <- quiet(alpha(x, n.iter = 1000)); p <- quiet(fa.parallel(x, n.iter = 100, plot = FALSE, fa = "both"))
out <- list(
  version = list(R = R.version.string, psych = as.character(packageVersion("psych")), lavaan = as.character(packageVersion("lavaan"))),
  seconds = list(
    alpha = seconds(function() quiet(alpha(x)), each = 10),
    alpha_bootstrap = seconds(function() quiet(alpha(x, n.iter = 1000)), runs = 3),
    omega_six_factors = seconds(function() quiet(omega(x, 6, plot = FALSE)), each = 5),
    omega_six_scales = seconds(function() for (s in six) quiet(omega(x[, s], 1, plot = FALSE)), each = 3),
    efa = seconds(function() quiet(fa(x, 6)), each = 5),
    parallel_components = seconds(function() quiet(fa.parallel(x, n.iter = 100, plot = FALSE, fa = "pc")), runs = 3),
    parallel_factors = seconds(function() quiet(fa.parallel(x, n.iter = 100, plot = FALSE, fa = "both")), runs = 3),
    polychoric = seconds(function() lavCor(x, ordered = names(x)), runs = 3)),
  values = list(alpha = a$total$raw_alpha, r_drop = a$item.stats$r.drop, omega_h = o$omega_h, omega_total = o$omega.tot, omega_six = one,
    communality = unname(f$communality), components = p$pc.values, eigenvalues = p$fa.values, simulated = p$fa.sim, simulated_components = p$pc.sim,
    bootstrap = unname(quantile(b$boot[, "raw_alpha"], c(.025, .975))), polychoric = unname(poly[lower.tri(poly)])))
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE), paths[2])
