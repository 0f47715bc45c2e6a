"""The whole list as a file, and the maps of the site."""

import hashlib
import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test import Client

from tests import factories
from tests.api import public
from tests.registry.directory.crawling import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(reference: None, settings: Any, tmp_path: Path) -> Path:
    settings.DIRECTORY_FILES = tmp_path / "directory"
    factories.enterprise(name_zh="公开公司", published=True, name_en="=1+1")
    factories.enterprise(name_zh="未公开公司")
    return tmp_path / "directory"


def test_the_command_makes_files_with_their_checksums(folder: Path) -> None:
    assert Client().get("/download/organizations.csv").status_code == 404
    assert "尚未生成" in Client().get("/download/").content.decode()
    out = io.StringIO()
    call_command("rebuild_directory", stdout=out)
    page = Client().get("/download/").content.decode()
    for form in ("csv", "xlsx"):
        response = Client().get(f"/download/organizations.{form}")
        content = body(response)
        digest = hashlib.sha256(content).hexdigest()
        assert digest in page
        assert digest in out.getvalue()
        told = Client().get(f"/download/organizations.{form}.sha256").content.decode()
        assert told == f"{digest}  organizations.{form}\n"
        assert response["ETag"].strip('"') == digest[:32]
        assert 'filename="organizations.' in response["Content-Disposition"]
    text = (folder / "organizations.csv").read_text(encoding="utf-8-sig")
    assert "公开公司" in text
    assert "未公开公司" not in text
    assert ",=1+1" not in text, "no cell is a formula"
    assert len(text.splitlines()) == 1 + public().get("organizations/").json()["count"]
    assert sorted(one.name for one in folder.iterdir()) == [f"organizations.{end}" for end in ("csv", "json", "xlsx")]
    call_command("rebuild_directory", if_missing=True, stdout=out)


def test_the_maps_name_every_page_with_its_last_change(folder: Path) -> None:
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = ElementTree.fromstring(Client().get("/sitemap.xml").content)
    parts = [one.text or "" for one in index.findall("s:sitemap/s:loc", spaces)]
    assert len(parts) == 2
    urls = [
        loc.text or ""
        for part in parts
        for loc in ElementTree.fromstring(Client().get(part).content).findall("s:url/s:loc", spaces)
    ]
    assert len(urls) == len(set(urls)) > 50
    for url in urls:
        assert Client().get(url).status_code == 200, url
    robots = Client().get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in robots
    assert "Disallow: /*?" in robots


def test_the_foot_says_what_the_settings_say(folder: Path, settings: Any) -> None:
    bare = Client().get("/privacy/").content.decode()
    assert "主办单位" not in bare
    settings.DIRECTORY = settings.DIRECTORY | {
        "name": "虚构名录",
        "operator": "虚构局",
        "contact": "0760-00000000",
        "code": "4420000000",
        "icp": "粤ICP备0号",
        "police": "粤公网安备0号",
        "report": "https://report.example/",
    }
    full = Client().get("/privacy/").content.decode()
    for text in (
        "虚构名录",
        "主办单位： 虚构局",
        "网站标识码： 4420000000",
        "粤ICP备0号",
        "粤公网安备0号",
        "我为政府网站找错",
    ):
        assert text in full


def test_a_part_of_the_map_that_cannot_be_is_no_page(reference: None) -> None:
    for number in ("9", "50001", "9" * 30):
        assert Client().get(f"/sitemap-{number}.xml").status_code == 404, number
