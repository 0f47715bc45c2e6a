"""Connections that are kept from request to request."""

import psycopg
import pytest
from django.db import connection

from registry.api.lists.statements import EqualsParameter, PreparedQuery
from registry.models import ApiToken


@pytest.mark.django_db(transaction=True)
def test_connection_that_the_server_has_closed_is_replaced_without_a_failure() -> None:
    connection.ensure_connection()
    first = connection.connection
    connection.health_check_done = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    assert connection.connection is first
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.health_check_done = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (pid,)


@pytest.mark.django_db(transaction=True)
def test_prepared_query_replaces_a_closed_connection_too() -> None:
    """The look-up of a token is the first query of a request."""
    query = PreparedQuery(ApiToken.objects.filter(EqualsParameter("key_hash")).values_list("pk"))
    assert query.rows("unknown") == []
    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.health_check_done = False
    assert query.rows("unknown") == []
    assert connection.connection.info.backend_pid != pid
