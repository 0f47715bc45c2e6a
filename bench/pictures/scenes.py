"""What each picture shows, and what a clerk does to come there."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page

from bench.pictures import png, roster

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "examples"
LIST = (
    "企业名称,统一社会信用代码,镇街,所属领域,主导产品",
    "中山市示例视觉技术有限公司,91442000W00090011F,石岐街道,机器视觉,示例检测相机",
    "中山市示例机械臂有限公司,91442000W000900210,小榄镇,工业机器人,示例焊接机械臂",
    "中山市南柯精密减速机有限公司,,三角镇,高精密减速器,谐波减速器",
    "中山市水月智能家电股份有限公司,,东凤镇,智能家电,语音空调、智能风扇",
)
"""One row of each kind: new, refused, a possible duplicate, a change."""
DAYS = {0: "2026-06-30", 31: "2026-07-31"}
"""What pictures show instead of the day on which they are made, and of the one so many days later."""
FIXED_DAYS = r"""(days) => {
  const fixed = (text) => {
    for (const [day, shown] of days) text = text.replaceAll(day, shown);
    return text.replace(/(\d{4}-\d\d-\d\d) \d\d:\d\d/g, "$1 09:30");
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = fixed(texts.currentNode.data);
  for (const field of document.querySelectorAll("input[type=text], input[type=date]")) field.value = fixed(field.value);
  document.activeElement?.blur();
}"""


class Clerk:
    """Somebody at a screen who has logged in."""

    def __init__(self, browser: Browser, address: str, name: str, password: str, width: int = 1280) -> None:
        self.browser, self.address, self.name, self.password = browser, address, name, password
        self.width = width

    @cached_property
    def page(self) -> Page:
        context = self.browser.new_context(
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": self.width, "height": 860},
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto("/admin/login/")
        page.locator("#id_username").fill(self.name)
        page.locator("#id_password").fill(self.password)
        page.locator("[type=submit]").click()
        page.wait_for_url("**/admin/")
        return page

    def on_a_phone(self) -> "Clerk":
        return Clerk(self.browser, self.address, self.name, self.password, width=390)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def find(self, list_address: str, link: str) -> None:
        """Open a record from a list."""
        self.page.goto(list_address)
        self.page.get_by_role("link", name=link).click()
        self.page.wait_for_url(re.compile(r"/\d+/"))

    def bring(self, name: str, content: bytes) -> None:
        """Bring a list as far as the first page after the upload."""
        self.page.goto("/admin/imports/")
        file = {"name": name, "mimeType": "text/csv", "buffer": content}
        self.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        self.press("上传并检查")
        self.page.wait_for_url(re.compile(r"/imports/\d+/"))

    def today(self) -> date:
        return datetime.now(SHANGHAI).date()

    def shot(self, height: int = 860) -> bytes:
        self.page.set_viewport_size({"width": self.width, "height": height})
        days = [[str(self.today() + timedelta(days=number)), shown] for number, shown in DAYS.items()]
        self.page.evaluate(FIXED_DAYS, days)
        self.page.mouse.move(0, 0)  # nothing is drawn as if pointed at
        return self.page.screenshot(animations="disabled", caret="hide")


def draw(clerk: Clerk, folder: Path, names: list[str]) -> None:
    """Draw the pictures named, or all. Those that write come after those that show the data as they are loaded."""
    blank = clerk.browser.new_page()
    for name, scene in SCENES.items():
        if not names or name in names:
            width, pixels = blank.evaluate(png.PIXELS, b64encode(scene(clerk)).decode())
            small = png.reduced(width, b64decode(pixels))
            (folder / f"{name}.png").write_bytes(small)
            print(f"{name}.png {len(small):,} bytes", flush=True)


# --- Pages that only show


def start(clerk: Clerk) -> bytes:
    clerk.page.goto("/admin/")
    return clerk.shot()


def organizations(clerk: Clerk) -> bytes:
    clerk.page.goto("/admin/registry/organization/?sector=robots")
    return clerk.shot()


def enterprise(clerk: Clerk) -> bytes:
    clerk.find("/admin/registry/enterprise/?q=子虚机器人", "中山市子虚机器人股份有限公司")
    return clerk.shot()


def members(clerk: Clerk) -> bytes:
    clerk.page.goto("/admin/alliance/member/?alliance=zsai&as_of=2024-12-31")
    return clerk.shot()


def member(clerk: Clerk) -> bytes:
    clerk.find("/admin/alliance/member/?q=乌有", "M0002")
    return clerk.shot()


def printed_roster(clerk: Clerk) -> bytes:
    clerk.page.goto("/admin/alliance/member/?alliance=zsai&as_of=2025-12-31")
    with clerk.page.expect_download() as download, TemporaryDirectory() as place:
        clerk.page.get_by_role("link", name="会员名录", exact=True).click()
        workbook = Path(place) / "roster.xlsx"
        download.value.save_as(workbook)
        html = roster.as_page(workbook)
    paper = clerk.browser.new_page(viewport={"width": 1120, "height": 200})
    paper.set_content(html)
    return paper.screenshot(full_page=True)


def directory(clerk: Clerk) -> bytes:
    clerk.page.goto("/")
    return clerk.shot()


def landscape(clerk: Clerk) -> bytes:
    clerk.page.goto("/landscape/")
    return clerk.shot(height=1340)


def coverage(clerk: Clerk) -> bytes:
    clerk.page.goto("/admin/registry/organization/coverage/")
    return clerk.shot(height=1000)


def change_council(clerk: Clerk) -> bytes:
    clerk.page.goto("/admin/alliance/term/change-council/")
    clerk.page.get_by_role("link", name="人工智能产业发展联盟").click()
    clerk.page.locator("[name^=tier]").first.wait_for()
    return clerk.shot(height=1000)


def phone(clerk: Clerk) -> bytes:
    on_phone = clerk.on_a_phone()
    on_phone.page.goto("/admin/registry/organization/?q=机器人")
    return on_phone.shot()


def in_the_field(clerk: Clerk) -> bytes:
    on_phone = clerk.on_a_phone()
    on_phone.find("/admin/registry/enterprise/?q=子虚机器人", "中山市子虚机器人股份有限公司")
    return on_phone.shot()


def preview(clerk: Clerk) -> bytes:
    clerk.find("/admin/registry/enterprise/?q=子虚机器人", "中山市子虚机器人股份有限公司")
    clerk.page.get_by_role("link", name="公众", exact=True).click()
    return clerk.shot()


# --- Pages on which something is done


def import_columns(clerk: Clerk) -> bytes:
    clerk.bring("organizations-with-errors.csv", (EXAMPLES / "organizations-with-errors.csv").read_bytes())
    return clerk.shot(height=1320)


def import_preview(clerk: Clerk) -> bytes:
    clerk.bring("2026年重点企业.csv", "\n".join(LIST).encode("utf-8-sig"))
    clerk.page.get_by_role("link", name="全部").click()
    clerk.page.get_by_text("第 5 行").wait_for()
    return clerk.shot(height=1380)


def import_result(clerk: Clerk) -> bytes:
    clerk.bring("organizations.csv", (EXAMPLES / "organizations.csv").read_bytes())
    clerk.press("导入")
    clerk.page.get_by_text("导入完成").wait_for()
    return clerk.shot()


def collection_round(clerk: Clerk) -> bytes:
    page = clerk.page
    page.goto("/admin/registry/collectionround/add/")
    page.locator("#id_title").fill("2025年度数据填报")
    page.locator("#id_year").fill("2025")
    page.locator("#id_due_on").fill(str(clerk.today() + timedelta(days=31)))
    for township in ("石岐街道", "东区街道", "中山港街道", "小榄镇"):
        page.get_by_label(township, exact=True).check()
    clerk.press("保存")
    page.get_by_role("link", name="导入回收的填报表").wait_for()
    return clerk.shot(height=1080)


SCENES: dict[str, Callable[[Clerk], bytes]] = {
    "start": start,
    "organizations": organizations,
    "enterprise": enterprise,
    "members": members,
    "member": member,
    "roster": printed_roster,
    "directory": directory,
    "landscape": landscape,
    "coverage": coverage,
    "change-council": change_council,
    "phone": phone,
    "field": in_the_field,
    "preview": preview,
    "import-columns": import_columns,
    "import-preview": import_preview,
    "round": collection_round,
    "import-result": import_result,
}
