"""What the attributes of fitted models are made of: classes with few attributes, each of which is listed.

Their objects are made empty and given these attributes; none has code that is run by it, but where
`snitch.pickles.states` says so.
"""

from __future__ import annotations

_SPARSE = "_has_canonical_format _has_sorted_indices _shape data has_canonical_format has_sorted_indices maxprint"
_LIGHTGBM = "higher_better_inner_eval init_predictor inner_predict_buffer is_predicted_cur_iter name_inner_eval"
_LIGHTGBM += " need_reload_eval_info num_class num_dataset num_inner_eval set_objective_to_none"
_SCORER = "_deprecation_msg _estimator _factory_args _kwargs _metadata_request _raise_exc _response_method _score_func"
_SCORER += " _scorers _sign _thresholds"
#: module: (classes, the attributes that they may have)
_PARTS = {
    # Booster hands its text to the native library: a parser, like that of a .txt model.
    "lightgbm.basic": (
        "Booster",
        (
            "_handle _network _train_data_name best_iteration best_score handle name_valid_sets network "
            "pandas_categorical params train_set train_set_version valid_sets "
            + " ".join(f"_Booster__{name}" for name in _LIGHTGBM.split())
        ),
    ),
    # Booster hands its bytes to the native library: a parser, like that of an .ubj model.
    "xgboost.core": ("Booster", "best_iteration best_ntree_limit best_score feature_names feature_types handle"),
    "scipy.interpolate._bsplines": ("BSpline _BSpline", "_asarray _c _delegate_to _t axis c extrapolate k t"),
    "scipy.sparse._bsr": ("bsr_array bsr_matrix", f"{_SPARSE} indices indptr"),
    "scipy.sparse._coo": ("coo_array coo_matrix", f"{_SPARSE} col coords row"),
    "scipy.sparse._csc": ("csc_array csc_matrix", f"{_SPARSE} indices indptr"),
    "scipy.sparse._csr": ("csr_array csr_matrix", f"{_SPARSE} indices indptr"),
    "scipy.sparse._dia": ("dia_array dia_matrix", f"{_SPARSE} offsets"),
    "scipy.sparse._dok": ("dok_array dok_matrix", "_dict _shape dtype maxprint"),
    "scipy.sparse._lil": ("lil_array lil_matrix", "_shape data dtype maxprint rows"),
    "sklearn._loss.link": (
        "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit",
        "high high_inclusive interval_y_pred low low_inclusive symmetrize_input",
    ),
    "sklearn._loss.loss": (
        (
            "AbsoluteError ExponentialLoss HalfBinomialLoss HalfBinomialLossArrayAPI HalfGammaLoss "
            "HalfMultinomialLoss HalfMultinomialLossArrayAPI HalfPoissonLoss HalfPoissonLossArrayAPI HalfSquaredError "
            "HalfTweedieLoss HalfTweedieLossIdentity HuberLoss PinballLoss"
        ),
        (
            "approx_hessian class_indexing_offsets closs constant_hessian device interval_y_pred interval_y_true link "
            "n_classes quantile xp y_true_int y_true_one_hot"
        ),
    ),
    "sklearn.calibration": ("_CalibratedClassifier", "calibrators classes estimator method"),
    "sklearn.cluster._birch": (
        "_CFNode _CFSubcluster",
        (
            "branching_factor centroid_ centroids_ child_ init_centroids_ init_sq_norm_ is_leaf linear_sum_ "
            "n_features n_samples_ next_leaf_ prev_leaf_ sq_norm_ squared_norm_ squared_sum_ subclusters_ threshold"
        ),
    ),
    "sklearn.cluster._bisect_k_means": ("_BisectingTree", "center indices label left right score"),
    "sklearn.compose._column_transformer": ("make_column_selector", "dtype_exclude dtype_include pattern"),
    "sklearn.ensemble._hist_gradient_boosting.predictor": (
        "TreePredictor",
        "binned_left_cat_bitsets nodes raw_left_cat_bitsets",
    ),
    "sklearn.gaussian_process.kernels": (
        (
            "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation Matern PairwiseKernel Product RBF "
            "RationalQuadratic Sum WhiteKernel"
        ),
        (
            "alpha alpha_bounds constant_value constant_value_bounds exponent gamma gamma_bounds k1 k2 kernel kernels "
            "length_scale length_scale_bounds metric noise_level noise_level_bounds nu pairwise_kernels_kwargs "
            "periodicity periodicity_bounds sigma_0 sigma_0_bounds"
        ),
    ),
    "sklearn.metrics._scorer": (
        "_CurveScorer _MultimetricScorer _PassthroughScorer _PredictScorer _ProbaScorer _Scorer _ThresholdScorer",
        _SCORER,
    ),
    # In scikit-learn 1.5.
    "sklearn.model_selection._classification_threshold": ("_CurveScorer", _SCORER),
    "sklearn.model_selection._split": (
        (
            "GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut LeavePGroupsOut LeavePOut "
            "PredefinedSplit RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold "
            "StratifiedShuffleSplit TimeSeriesSplit _CVIterableWrapper"
        ),
        (
            "_default_test_size _metadata_request cv cvargs gap max_train_size n_groups n_repeats n_splits p "
            "random_state shuffle test_fold test_size train_size unique_folds"
        ),
    ),
    "sklearn.neural_network._stochastic_optimizers": (
        "AdamOptimizer SGDOptimizer",
        (
            "beta_1 beta_2 epsilon learning_rate learning_rate_init lr_schedule momentum ms nesterov power_t t "
            "velocities vs"
        ),
    ),
    # Its keys are attributes, and are judged where they are set.
    "sklearn.utils._bunch": ("Bunch", "_deprecated_key_to_warnings"),
    # The requests of a method stand under the method's name.
    "sklearn.utils._metadata_requests": (
        "MetadataRequest MethodMetadataRequest",
        (
            "_requests decision_function fit inverse_transform method owner partial_fit predict predict_log_proba "
            "predict_proba score split transform"
        ),
    ),
    "uuid": ("UUID", "int is_safe"),
}

#: The attributes that objects of each (module, name) may have.
PARTS = {
    (module, name): frozenset(attributes.split())
    for module, (names, attributes) in _PARTS.items()
    for name in names.split()
}
