import pytest


@pytest.fixture
def browser(client, db):
    """A signed-in browser without a script: `browser("ines")`."""
    from kith.kernel.organisation.models import bump  # loaded before the apps are, so imports wait
    from tests.cast import user

    def sign_in(who):
        colleague = user(who)
        bump()  # configuration is cached by a stamp in the database, which a rolled-back test takes away
        client.force_login(colleague)
        return client

    return sign_in
