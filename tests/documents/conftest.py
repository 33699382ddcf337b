from tests.files.conftest import bucket, folder  # noqa: F401 files of these tests, too, lie in a folder of their own
