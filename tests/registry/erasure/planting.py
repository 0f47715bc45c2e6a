"""A person in every place that can hold one, beside a homonym who stays."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from psycopg.sql import SQL, Identifier

from registry.imports.models import ImportBatch, ImportFile
from registry.models import Contact, KeptAnswer, Organization
from tests import factories

NAME, PHONE, EARLIER, EMAIL = "欧阳虚构", "13900004821", "0760-22994821", "ouyang4821@example.com"
TRACES = (NAME, PHONE, "139 0000 4821", "22994821", "ouyang4821", quote(NAME), "\\u6b27\\u9633\\u865a\\u6784")
OTHER_PHONE = "13900007777"


@dataclass
class Planted:
    of: Organization
    elsewhere: Organization
    homonym: Contact | None
    contact: int
    representative: int
    holder: int
    account: User
    remarked: Organization
    """An organization of nobody, whose remarks have the name alone."""


def plant(homonym: bool = True) -> Planted:
    """With a homonym also a text in which the name may be that of either."""
    of, elsewhere, remarked = factories.enterprise(published=True), factories.enterprise(), factories.enterprise()
    who: dict[str, Any] = {"name": NAME, "title": "虚构经理", "email": EMAIL}
    contact = factories.contact(of, phone=EARLIER, **who)
    Contact.objects.filter(pk=contact.pk).update(phone=PHONE)
    other = factories.contact(elsewhere, name=NAME, phone=OTHER_PHONE, email="") if homonym else None
    membership = factories.membership(factories.member(factories.alliance("test"), of))
    person = factories.representative(membership.member, phone=PHONE, **who)
    holder = factories.office_holder(membership.member.alliance, name=NAME, member=membership.member)
    account = factories.user(last_name="欧阳", first_name="虚构", email=EMAIL, username="canteen")
    Organization.objects.filter(pk=of.pk).update(remarks=f"找{NAME}，手机 139 0000 4821。")
    Organization.objects.filter(pk=of.pk).update(remarks=f"联系人{NAME}已离任。")
    if homonym:
        Organization.objects.filter(pk=remarked.pk).update(remarks=f"{NAME}介绍的。")
    _import(of)
    receipt = factories.receipt(account, query=f"search={quote(NAME)}&ordering=name", recipient=f"{NAME} {PHONE}")
    factories.disclosure(of, account, reason=f"{NAME}来电 {PHONE}", receipt=receipt)
    body = json.dumps({"contacts": [{"name": NAME, "phone": PHONE}]}, ensure_ascii=False).encode()
    KeptAnswer.objects.create(client="a", key="b", request_hash="c", headers={}, body=body)
    session = SessionStore()
    session["told"] = f"已修改{NAME}"
    session.save()
    LogEntry.objects.create(
        user=account,
        content_type=None,
        object_id=str(account.pk),
        object_repr=f"canteen {NAME}",
        action_flag=2,
        change_message=json.dumps({"steps": ["confirmed"], "prepared_by": f"canteen {EMAIL}"}),
    )
    return Planted(of, elsewhere, other, contact.pk, person.pk, holder.pk, account, remarked)


def _import(of: Organization) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as parts:
        strings = f"<sst><si><r><t>{NAME[:2]}</t></r><r><rPr><b/></rPr><t>{NAME[2:]}</t></r></si></sst>"
        parts.writestr("xl/sharedStrings.xml", strings)
        parts.writestr("xl/worksheets/sheet1.xml", f'<row><c r="A2"><v>{PHONE}</v></c></row>')
    for content in (book.getvalue(), f"单位,联系人\n{of},{NAME}\n".encode("gb18030")):
        ImportFile.objects.create(batch=factories.import_batch(), content=content)
    change = {"column": "contact_phone", "old": "0760-2299 4821", "new": PHONE}
    told = {"column": "contact_name", "value": NAME, "message": [f"“{NAME}”？", f"“{NAME}”?"]}
    batch = ImportBatch.objects.latest("pk")
    factories.import_row(batch, organization=of, name=str(of), changes=[change], problems=[told])


def rows_with_traces() -> list[str]:
    """Every row of the database that holds the person, as text."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.proxy or not model._meta.managed:
                continue
            cursor.execute(SQL("SELECT t::text FROM {} t").format(Identifier(model._meta.db_table)))
            for (text,) in cursor.fetchall():
                if any(trace in text for trace in TRACES):
                    found.append(f"{model._meta.label}: {text[:300]}")
    return found
