"""The names that a model repository is made of. Imports nothing: the hook reads it before anything else."""

MANIFEST = "model.yaml"
POLICY = "snitch.yaml"
BENCHMARKS = "benchmarks"
BENCHMARK = "benchmark.yaml"

#: What weights look like: the formats that model libraries write.
WEIGHTS_SUFFIXES = (
    ".skops", ".joblib", ".pkl", ".pickle", ".onnx", ".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".ubj", ".cbm",
    ".h5", ".keras", ".gguf", ".tflite", ".npy", ".npz", ".pb", ".pmml", ".mlmodel", ".dill",
)  # fmt: skip

#: Weights may also be text; most files of these endings are not weights.
TEXT_WEIGHTS_SUFFIXES = (".txt", ".json")

#: File endings that no requirements file, policy or evaluation names outside a model's folder; a manifest may.
INERT_SUFFIXES = (
    ".md", ".rst", ".png", ".svg", ".jpg", ".jpeg", ".gif", ".pdf", ".html", ".css",
)  # fmt: skip

#: Code, which a manifest may name, and neither a dependency file nor the policy.
CODE_SUFFIXES = (".py", ".ipynb", ".sh")

#: What a requirements file that another one includes is called, so that a change of it is seen.
REQUIREMENTS_SUFFIXES = (".txt", ".in")

#: What predictions and benchmark data are called, which an evaluation may name elsewhere.
PREDICTIONS_SUFFIXES = (".parquet", ".csv")

#: The files that name others: manifests, dependency files, policies.
NAMING_FILES = ("*.yaml", "*.yml", "*.txt", "*.in", "*.toml")
