"""Examples for the OpenAPI file: what a body may say, by the end of its address, and what rows look like."""

from typing import Any

_ENTERPRISE = {
    "name_zh": "中山市示例接口有限公司",
    "township": {"name": "小榄镇"},
    "sectors": ["robots.industrial", {"name": "机器视觉", "evidence": "产品目录"}],
    "website": "https://www.example.com",
}
_INSTITUTE = {"name_zh": "中山示例人工智能研究院", "category": "research_institute"}
_REFERENCE = {"code": "example", "name_zh": "示例", "name_en": "Example"}
_TAG = '"4f9c0f8f1c6d5f2b8a7e6d5c4b3a2910-zh"'

BODIES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/organizations/", {"kind": "financial", "name_zh": "中山示例银行"}),
    ("POST", "/enterprises/", _ENTERPRISE),
    ("POST", "/institutes/", _INSTITUTE),
    ("POST", "/organizations/bulk/", [{"kind": "social", "name_zh": "中山示例协会"}]),
    ("POST", "/enterprises/bulk/", [_ENTERPRISE, {"name_zh": "中山市另一示例有限公司"}]),
    ("POST", "/institutes/bulk/", [_INSTITUTE]),
    ("PATCH", "/bulk/", [{"registry_no": "ZSAI-000001", "etag": _TAG, "short_name": "示例"}]),
    ("POST", "/match/", ["中山市示例接口有限公司", {"name": "示例接口公司", "town": "小榄镇"}]),
    ("POST", "/contacts/", {"role": "liaison", "name": "示例某", "phone": "0760-00000000"}),
    ("POST", "/figures/", {"year": 2025, "employees": 120, "revenue": 60_000_000}),
    ("POST", "/qualifications/", {"grading": "high-tech", "level": "national", "granted_on": "2025-12-01"}),
    ("POST", "/relations/", {"kind": "parent", "related": "ZSAI-000002"}),
    ("POST", "/alliances/", {"slug": "example", "name_zh": "示例联盟"}),
    ("POST", "/members/", {"organization": "ZSAI-000027", "tier": "member", "admitted_on": "2026-01-01"}),
    ("POST", "/tiers/", {"code": "member", "name_zh": "会员单位", "rank": 5}),
    (
        "POST",
        "/memberships/",
        {"alliance": "zsai", "organization": "ZSAI-000027", "tier": "member", "admitted_on": "2026-01-01"},
    ),
    ("POST", "/change-tier/", {"tier": "council", "on": "2026-07-01"}),
    ("POST", "/end/", {"ended_on": "2027-01-01", "end_reason": "withdrawal"}),
    ("POST", "/plans/", {**_REFERENCE, "starts_on": "2026-01-01"}),
    ("POST", "/sectors/", {**_REFERENCE, "plan": "zs-ai-2019", "layer": "product"}),
    ("POST", "/townships/", {**_REFERENCE, "code": "442000199", "kind": "town"}),
    ("POST", "/", _REFERENCE),
    ("PATCH", "/{registry_no}/", {"short_name": "示例", "verified_on": "2026-01-31"}),
    ("PATCH", "/memberships/{id}/", {"remarks": "补录"}),
    ("PATCH", "/contacts/{id}/", {"title": "经理"}),
    ("PATCH", "/figures/{year}/", {"employees": 130}),
    ("PATCH", "/qualifications/{id}/", {"valid_to": "2028-12-01"}),
    ("PATCH", "/relations/{id}/", {"valid_to": "2026-12-31"}),
    ("PATCH", "/", {"name_en": "Example"}),
)
"""Method, end of the address, body; the first that fits."""

_VALUES: dict[str, Any] = {
    "registry_no": "ZSAI-000001",
    "kind": "enterprise",
    "uscc": None,
    "name_zh": "中山市示例接口有限公司",
    "name_en": "Zhongshan Example Interface Co., Ltd.",
    "sectors": [{"code": "robots.industrial", "name": "工业机器人", "primary": True}],
    "township": {"code": "442000118", "name": "小榄镇"},
    "country": "CN",
    "website": "https://www.example.com",
    "capital_currency": "CNY",
    "industry": "C3491",
}


def body(method: str, path: str) -> Any:
    return next((value for verb, end, value in BODIES if verb == method and path.endswith(end)), None)


def row(columns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A row of a list, from the schemas of its columns."""
    return {name: _VALUES.get(name, _value(schema)) for name, schema in columns.items()}


def _value(schema: dict[str, Any]) -> Any:
    kinds = schema.get("type", "null")
    if "oneOf" in schema or "null" in kinds:
        return None
    if "enum" in schema:
        return schema["enum"][0]
    by_format = {"date": "2026-01-31", "date-time": "2026-01-31T08:00:00+08:00"}
    by_type = {"array": [], "boolean": True, "integer": 1, "number": 1, "object": {}}
    return by_format.get(schema.get("format", "")) or by_type.get(kinds, "")
