import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from registry.api.access.tokens import key_hash
from registry.models import ApiToken
from tests import factories

pytestmark = pytest.mark.django_db


def run(*args):
    out = StringIO()
    call_command("issue_token", *args, stdout=out)
    return out.getvalue()


def test_issue_token_prints_the_key_alone():
    user = factories.user(username="程序")
    printed = run("程序", "--scope", "write", "--days", "7", "--label", "统计平台")
    assert printed.endswith("\n")
    assert len(printed.split()) == 1
    token = ApiToken.objects.get()
    assert token.key_hash == key_hash(printed.strip())
    assert (token.user, token.scope, token.label) == (user, "write", "统计平台")
    assert abs(token.expires_at - timezone.now() - datetime.timedelta(days=7)) < datetime.timedelta(minutes=1)


def test_issue_token_reads_for_ninety_days_unless_told():
    factories.user(username="reader")
    run("reader")
    token = ApiToken.objects.get()
    assert token.scope == "read"
    assert (token.expires_at - timezone.now()).days in (89, 90)


@pytest.mark.parametrize("args", [("nobody",), ("closed",), ("open", "--days", "0"), ("open", "--days", "100000")])
def test_issue_token_refuses_with_the_exit_code_for_usage(args):
    factories.user(username="open")
    factories.user(username="closed", is_active=False)
    with pytest.raises(CommandError) as refused:
        run(*args)
    assert refused.value.returncode == 2
    assert not ApiToken.objects.exists()
