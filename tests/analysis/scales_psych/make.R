# psych's numbers for the data beside this script, which the reference folder does not have: an odd number of
# items, gaps, weak factors (principal axis needs more than 50 steps), eleven answer points.
# Rscript make.R, in this folder; R 4.2.2, psych 2.2.9, GPArotation 2022.10-2, lavaan 0.6-14.
suppressWarnings(suppressMessages({ library(psych); library(GPArotation); library(lavaan); library(jsonlite) }))
quiet <- function(e) suppressWarnings(suppressMessages({ capture.output(r <- e); r }))
square <- function(x) if (is.null(x)) NULL else unname(unclass(as.matrix(x)))
factors <- c(two_factors = 2, gaps = 3, noisy = 3, eleven_points = 2)
one <- function(name) {
  x <- read.csv(paste0(name, ".csv")); cc <- na.omit(x); m <- factors[[name]]
  a <- quiet(alpha(x)); o <- quiet(omega(cc, m, plot = FALSE)); g <- quiet(guttman(cc)); s <- quiet(splitHalf(cc, brute = TRUE, raw = TRUE))
  fits <- list()
  for (fm in c("minres", "ml", "pa")) for (rotate in c("none", "varimax", "promax", "oblimin", "geominQ")) {
    f <- quiet(fa(cc, m, fm = fm, rotate = rotate, max.iter = 1000))
    fits[[paste(fm, rotate)]] <- list(loadings = square(f$loadings), phi = square(f$Phi), communality = unname(f$communality), rmsea = unname(f$RMSEA[1:3]), tli = f$TLI, bic = f$BIC, chisq = f$STATISTIC, rms = f$rms)
  }
  pairwise <- quiet(fa(x, m, rotate = "none")); km <- quiet(KMO(cor(x, use = "pairwise"))); b <- quiet(cortest.bartlett(cor(cc), n = nrow(cc)))
  k <- quiet(cohen.kappa(cc[, 1:2])); v <- quiet(vss(cc, n = 4, plot = FALSE)); d <- quiet(mardia(cc, plot = FALSE))
  list(alpha = list(total = a$total, items = a$item.stats, dropped = a$alpha.drop, unidim = a$Unidim$Unidim),
    omega = list(omega_hierarchical = o$omega_h, omega_total = o$omega.tot, omega_asymptotic = o$omega.lim, lambda6 = o$G6, alpha = o$alpha, explained_common_variance = o$ECV),
    efa = fits, pairwise = list(communality = unname(pairwise$communality), chisq = pairwise$STATISTIC),
    guttman = list(lambda1 = g$lambda.1, lambda2 = g$lambda.2, lambda3 = g$lambda.3, lambda5 = g$lambda.5, lambda5_plus = g$lambda.5p, lambda6 = g$lambda.6, alpha_pc = g$alpha.pc),
    split = list(maximum = s$maxrb, minimum = s$minrb, mean = s$meanr), kmo = list(msa = km$MSA, items = unname(km$MSAi)), bartlett = list(chisq = b$chisq, pvalue = b$p.value),
    map = v$map, icc = quiet(ICC(cc, lmer = FALSE))$results, kappa = list(kappa = k$kappa, weighted = k$weighted.kappa, variance = k$var.kappa),
    polychoric = square(lavCor(cc, ordered = names(cc))), mardia = list(skewness = d$b1p, kurtosis = d$b2p, chisq_skewness = d$skew, z_kurtosis = d$kurtosis))
}
writeLines(toJSON(lapply(setNames(nm = names(factors)), one), digits = NA, auto_unbox = TRUE, na = "null", force = TRUE), "psych.json")
