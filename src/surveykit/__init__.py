"""One questionnaire, defined once, carried to a result that a stranger can reproduce.

Everything public is here; a name is loaded when it is first used, so that
``import surveykit`` and the command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from surveykit.version import __version__

# The public names, by the module that defines them.
_HOME = {
    name: f"surveykit.{module}"
    for module, names in {
        "errors": "SurveykitError SurveykitProblems SurveykitWarning",
        "instrument.reader": "read_instrument",
        "instrument.check": "check_instrument",
        "form.excel": "write_forms",
        "form.fill": "fill_form",
        "form.xlsform": "write_xlsform",
        "form.pseudonyms": "make_pseudonyms",
        "form.redcap": "write_redcap",
        "form.entry_grid": "write_entry_grid",
        "form.word": "write_word_form",
        "form.translation_sheet": "write_translation_workbook",
        "responses.translated": "take_translations",
        "responses.collect": "collect",
        "responses.read": "read_responses",
        "scoring": "keyed_items score_scales",
        "analysis.sem": "cfa growth lavaan sem",
        "analysis.compare_models": "compare_models",
        "analysis.crosscheck": "crosscheck",
        "analysis.simulate_data": "simulate_data",
        "analysis.invariance": "measurement_invariance",
        "analysis.invariance_criteria": "Criteria",
        "analysis.structural_comparison": "compare_paths",
        "analysis.alignment": "alignment",
        "analysis.gate": "gate",
        "analysis.group_comparison": "compare_groups",
        "analysis.several_groups": "compare_several_groups",
        "analysis.permutation": "permutation_test",
        "analysis.ancova": "ancova",
        "analysis.manova": "manova",
        "analysis.categories": "compare_categories compare_paired_categories",
        "analysis.paired": "compare_paired",
        "analysis.item_bias": "item_bias ordinal_regression",
        "analysis.latent_item_bias": "latent_item_bias",
        "analysis.weighted": "compare_weighted",
        "analysis.nested": "nested_comparison",
        "analysis.response_style": "response_styles",
        "analysis.monte_carlo": "MonteCarloResult power_monte_carlo",
        "analysis.power": "power_rmsea power_sem power_two_means",
        "analysis.power_designs": "power_anova power_paired power_proportions",
        "analysis.equivalence": "equivalent_correlation",
        "analysis.rounding": "PrintedMoments rounding_sensitivity",
        "analysis.scale_scores": "score_items",
        "analysis.reliability": "cronbach_alpha",
        "analysis.alpha_comparison": "alpha_by_group compare_alphas",
        "analysis.omega": "omega",
        "analysis.ordinal_alpha": "ordinal_alpha",
        "analysis.retest": "retest_reliability",
        "analysis.model_reliability": "ave composite_reliability",
        "analysis.validity": "convergent_validity fornell_larcker htmt",
        "analysis.method_bias": "harman marker_variable unmeasured_method_factor",
        "analysis.reliability_bounds": "guttman split_half",
        "analysis.dimensionality": "bartlett_sphericity kmo map_test vss",
        "analysis.parallel_analysis": "parallel_analysis",
        "analysis.factor": "efa",
        "analysis.congruence": "factor_congruence",
        "analysis.polychoric": "polychoric",
        "analysis.describe": "correlate describe",
        "analysis.careless": "careless_responding",
        "analysis.missing_answers": "little_mcar missing_data",
        "analysis.normality": "mardia",
        "analysis.intraclass": "icc icc_groups rwg",
        "analysis.kappa": "cohen_kappa fleiss_kappa",
        "analysis.krippendorff": "krippendorff_alpha",
        "instrument.diff": "diff",
        "coding.codebook": "read_codebook",
        "coding.transcripts": "read_transcript",
        "coding.guide_items": "match_items",
        "coding.contacts": "contact_summary",
        "coding.sheets": "collected_segments text_units write_coding_sheet",
        "coding.agreement": "coder_agreement",
        "coding.boundaries": "boundary_agreement",
        "coding.refi_qda": "qda_project write_qdc write_qdpx",
        "coding.refi_qda_read": "read_qdc read_qdpx",
        "coding.segments": "read_segments",
        "coding.matrices": "case_ordered co_occurrence code_matrix saturation",
        "coding.comparison": "compare_codes",
        "coding.propositions": "count_respondents proposition_matrix",
        "coding.study": "interview_results",
        "coding.qca_sets": "calibrate",
        "coding.qca_cases": "code_sets",
        "coding.qca_table": "truth_table",
        "coding.qca_solution": "minimize",
        "coding.qca_necessity": "necessity super_subset",
        "study.run": "run_study",
        "study.status": "study_status",
        "study.export": "export_study",
        "study.importing": "import_responses",
        "responses.export.write": "export_responses",
        "study.disclosure": "disclosure",
        "study.archiving": "archive_study",
        "archive.reproduce": "reproduce",
        "archive.consistency": "check_consistency",
    }.items()
    for name in names.split()
}

__all__ = ["__version__", *_HOME]

if TYPE_CHECKING:
    from surveykit.analysis.alignment import alignment as alignment
    from surveykit.analysis.alpha_comparison import alpha_by_group as alpha_by_group
    from surveykit.analysis.alpha_comparison import compare_alphas as compare_alphas
    from surveykit.analysis.ancova import ancova as ancova
    from surveykit.analysis.careless import careless_responding as careless_responding
    from surveykit.analysis.categories import compare_categories as compare_categories
    from surveykit.analysis.categories import compare_paired_categories as compare_paired_categories
    from surveykit.analysis.compare_models import compare_models as compare_models
    from surveykit.analysis.congruence import factor_congruence as factor_congruence
    from surveykit.analysis.crosscheck import crosscheck as crosscheck
    from surveykit.analysis.describe import correlate as correlate
    from surveykit.analysis.describe import describe as describe
    from surveykit.analysis.dimensionality import bartlett_sphericity as bartlett_sphericity
    from surveykit.analysis.dimensionality import kmo as kmo
    from surveykit.analysis.dimensionality import map_test as map_test
    from surveykit.analysis.dimensionality import vss as vss
    from surveykit.analysis.equivalence import equivalent_correlation as equivalent_correlation
    from surveykit.analysis.factor import efa as efa
    from surveykit.analysis.gate import gate as gate
    from surveykit.analysis.group_comparison import compare_groups as compare_groups
    from surveykit.analysis.intraclass import icc as icc
    from surveykit.analysis.intraclass import icc_groups as icc_groups
    from surveykit.analysis.intraclass import rwg as rwg
    from surveykit.analysis.invariance import measurement_invariance as measurement_invariance
    from surveykit.analysis.invariance_criteria import Criteria as Criteria
    from surveykit.analysis.item_bias import item_bias as item_bias
    from surveykit.analysis.item_bias import ordinal_regression as ordinal_regression
    from surveykit.analysis.kappa import cohen_kappa as cohen_kappa
    from surveykit.analysis.kappa import fleiss_kappa as fleiss_kappa
    from surveykit.analysis.krippendorff import krippendorff_alpha as krippendorff_alpha
    from surveykit.analysis.latent_item_bias import latent_item_bias as latent_item_bias
    from surveykit.analysis.manova import manova as manova
    from surveykit.analysis.method_bias import harman as harman
    from surveykit.analysis.method_bias import marker_variable as marker_variable
    from surveykit.analysis.method_bias import unmeasured_method_factor as unmeasured_method_factor
    from surveykit.analysis.missing_answers import little_mcar as little_mcar
    from surveykit.analysis.missing_answers import missing_data as missing_data
    from surveykit.analysis.model_reliability import ave as ave
    from surveykit.analysis.model_reliability import composite_reliability as composite_reliability
    from surveykit.analysis.monte_carlo import MonteCarloResult as MonteCarloResult
    from surveykit.analysis.monte_carlo import power_monte_carlo as power_monte_carlo
    from surveykit.analysis.nested import nested_comparison as nested_comparison
    from surveykit.analysis.normality import mardia as mardia
    from surveykit.analysis.omega import omega as omega
    from surveykit.analysis.ordinal_alpha import ordinal_alpha as ordinal_alpha
    from surveykit.analysis.paired import compare_paired as compare_paired
    from surveykit.analysis.parallel_analysis import parallel_analysis as parallel_analysis
    from surveykit.analysis.permutation import permutation_test as permutation_test
    from surveykit.analysis.polychoric import polychoric as polychoric
    from surveykit.analysis.power import power_rmsea as power_rmsea
    from surveykit.analysis.power import power_sem as power_sem
    from surveykit.analysis.power import power_two_means as power_two_means
    from surveykit.analysis.power_designs import power_anova as power_anova
    from surveykit.analysis.power_designs import power_paired as power_paired
    from surveykit.analysis.power_designs import power_proportions as power_proportions
    from surveykit.analysis.reliability import cronbach_alpha as cronbach_alpha
    from surveykit.analysis.reliability_bounds import guttman as guttman
    from surveykit.analysis.reliability_bounds import split_half as split_half
    from surveykit.analysis.response_style import response_styles as response_styles
    from surveykit.analysis.retest import retest_reliability as retest_reliability
    from surveykit.analysis.rounding import PrintedMoments as PrintedMoments
    from surveykit.analysis.rounding import rounding_sensitivity as rounding_sensitivity
    from surveykit.analysis.scale_scores import score_items as score_items
    from surveykit.analysis.sem import cfa as cfa
    from surveykit.analysis.sem import growth as growth
    from surveykit.analysis.sem import lavaan as lavaan
    from surveykit.analysis.sem import sem as sem
    from surveykit.analysis.several_groups import compare_several_groups as compare_several_groups
    from surveykit.analysis.simulate_data import simulate_data as simulate_data
    from surveykit.analysis.structural_comparison import compare_paths as compare_paths
    from surveykit.analysis.validity import convergent_validity as convergent_validity
    from surveykit.analysis.validity import fornell_larcker as fornell_larcker
    from surveykit.analysis.validity import htmt as htmt
    from surveykit.analysis.weighted import compare_weighted as compare_weighted
    from surveykit.archive.consistency import check_consistency as check_consistency
    from surveykit.archive.reproduce import reproduce as reproduce
    from surveykit.coding.agreement import coder_agreement as coder_agreement
    from surveykit.coding.boundaries import boundary_agreement as boundary_agreement
    from surveykit.coding.codebook import read_codebook as read_codebook
    from surveykit.coding.comparison import compare_codes as compare_codes
    from surveykit.coding.contacts import contact_summary as contact_summary
    from surveykit.coding.guide_items import match_items as match_items
    from surveykit.coding.matrices import case_ordered as case_ordered
    from surveykit.coding.matrices import co_occurrence as co_occurrence
    from surveykit.coding.matrices import code_matrix as code_matrix
    from surveykit.coding.matrices import saturation as saturation
    from surveykit.coding.propositions import count_respondents as count_respondents
    from surveykit.coding.propositions import proposition_matrix as proposition_matrix
    from surveykit.coding.qca_cases import code_sets as code_sets
    from surveykit.coding.qca_necessity import necessity as necessity
    from surveykit.coding.qca_necessity import super_subset as super_subset
    from surveykit.coding.qca_sets import calibrate as calibrate
    from surveykit.coding.qca_solution import minimize as minimize
    from surveykit.coding.qca_table import truth_table as truth_table
    from surveykit.coding.refi_qda import qda_project as qda_project
    from surveykit.coding.refi_qda import write_qdc as write_qdc
    from surveykit.coding.refi_qda import write_qdpx as write_qdpx
    from surveykit.coding.refi_qda_read import read_qdc as read_qdc
    from surveykit.coding.refi_qda_read import read_qdpx as read_qdpx
    from surveykit.coding.segments import read_segments as read_segments
    from surveykit.coding.sheets import collected_segments as collected_segments
    from surveykit.coding.sheets import text_units as text_units
    from surveykit.coding.sheets import write_coding_sheet as write_coding_sheet
    from surveykit.coding.study import interview_results as interview_results
    from surveykit.coding.transcripts import read_transcript as read_transcript
    from surveykit.errors import SurveykitError as SurveykitError
    from surveykit.errors import SurveykitProblems as SurveykitProblems
    from surveykit.errors import SurveykitWarning as SurveykitWarning
    from surveykit.form.entry_grid import write_entry_grid as write_entry_grid
    from surveykit.form.excel import write_forms as write_forms
    from surveykit.form.fill import fill_form as fill_form
    from surveykit.form.pseudonyms import make_pseudonyms as make_pseudonyms
    from surveykit.form.redcap import write_redcap as write_redcap
    from surveykit.form.translation_sheet import write_translation_workbook as write_translation_workbook
    from surveykit.form.word import write_word_form as write_word_form
    from surveykit.form.xlsform import write_xlsform as write_xlsform
    from surveykit.instrument.check import check_instrument as check_instrument
    from surveykit.instrument.diff import diff as diff
    from surveykit.instrument.reader import read_instrument as read_instrument
    from surveykit.responses.collect import collect as collect
    from surveykit.responses.export.write import export_responses as export_responses
    from surveykit.responses.read import read_responses as read_responses
    from surveykit.responses.translated import take_translations as take_translations
    from surveykit.scoring import keyed_items as keyed_items
    from surveykit.scoring import score_scales as score_scales
    from surveykit.study.archiving import archive_study as archive_study
    from surveykit.study.disclosure import disclosure as disclosure
    from surveykit.study.export import export_study as export_study
    from surveykit.study.importing import import_responses as import_responses
    from surveykit.study.run import run_study as run_study
    from surveykit.study.status import study_status as study_status


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        alike = [] if name.startswith("_") else _alike(name)
        hint = f"; did you mean {', '.join(alike)}?" if alike else ""
        raise AttributeError(f"module 'surveykit' has no attribute '{name}'{hint}")
    # `__import__` with a `fromlist`: the facade stands above every layer, so no arrow is hidden.
    value = getattr(__import__(_HOME[name], fromlist=[name]), name)
    globals()[name] = value
    return value


def _alike(name: str) -> list[str]:
    """Public names that hold `name` (psych's `alpha` is `cronbach_alpha` here), else those written alike."""
    from difflib import get_close_matches  # slow to import, seldom needed

    return ([one for one in __all__ if name in one] or get_close_matches(name, __all__))[:4]


def __dir__() -> list[str]:
    return sorted(__all__)
