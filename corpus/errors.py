"""Every error that medfaq raises on purpose; the command line shows its text and exits 2."""


class MedfaqError(Exception):
    """What is wrong, where, and what to do, in one line for a person."""


class CorpusError(MedfaqError):
    """A FAQ file, or its companion, cannot be used as it stands."""


class BundleError(MedfaqError):
    """An index bundle is missing, damaged, or made for something else."""


class ModelError(MedfaqError):
    """The embedding model cannot be loaded."""


class QuestionError(MedfaqError):
    """A question, or a file of questions, cannot be read."""
