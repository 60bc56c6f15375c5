"""The fault tests look at the same browser and dashboard as the browser tests."""

from tests.browser.conftest import (  # noqa: F401 - fixtures, found by name
    chromium,
    context,
    dashboard,
    new_context,
    page,
    pytest_collection_modifyitems,
)
