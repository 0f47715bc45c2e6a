"""Countries and regions in cells: ISO 3166-1 codes of two letters, or the usual names in Chinese and English."""

import re
from functools import cache

from registry import cells
from registry.cells import PLAIN, Cell, Context
from registry.validators import fold_name

_NAMES = """
CN 中国 中国大陆 中华人民共和国 China PRC
HK 香港 中国香港 Hong_Kong Hongkong | MO 澳门 中国澳门 Macao Macau | TW 台湾 中国台湾 Taiwan
US 美国 United_States United_States_of_America USA | CA 加拿大 Canada | MX 墨西哥 Mexico | BR 巴西 Brazil
AR 阿根廷 Argentina | CL 智利 Chile
GB 英国 United_Kingdom UK Great_Britain | IE 爱尔兰 Ireland | DE 德国 Germany | FR 法国 France
NL 荷兰 Netherlands The_Netherlands | BE 比利时 Belgium | LU 卢森堡 Luxembourg | CH 瑞士 Switzerland | AT 奥地利 Austria
IT 意大利 Italy | ES 西班牙 Spain | PT 葡萄牙 Portugal | SE 瑞典 Sweden | NO 挪威 Norway | DK 丹麦 Denmark
FI 芬兰 Finland | IS 冰岛 Iceland | PL 波兰 Poland | CZ 捷克 Czechia Czech_Republic | HU 匈牙利 Hungary
RO 罗马尼亚 Romania | GR 希腊 Greece | UA 乌克兰 Ukraine | RU 俄罗斯 Russia Russian_Federation
TR 土耳其 Turkey Türkiye
JP 日本 Japan | KR 韩国 South_Korea Korea Republic_of_Korea | SG 新加坡 Singapore | MY 马来西亚 Malaysia
TH 泰国 Thailand | VN 越南 Vietnam Viet_Nam | ID 印度尼西亚 印尼 Indonesia | PH 菲律宾 Philippines | IN 印度 India
PK 巴基斯坦 Pakistan | KZ 哈萨克斯坦 Kazakhstan | IL 以色列 Israel | AE 阿联酋 United_Arab_Emirates UAE
SA 沙特阿拉伯 沙特 Saudi_Arabia | QA 卡塔尔 Qatar | IR 伊朗 Iran | EG 埃及 Egypt | ZA 南非 South_Africa
NG 尼日利亚 Nigeria | KE 肯尼亚 Kenya | AU 澳大利亚 Australia | NZ 新西兰 New_Zealand
"""


@cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in re.split(r"[\n|]+", _NAMES.strip()):
        code, *names = line.split()
        found |= {fold_name(name.replace("_", " ")): code for name in names}
    return found


@cache
def _chinese_names() -> tuple[str, ...]:
    return tuple(sorted((name for name in _codes() if not name.isascii()), key=len, reverse=True))


# 香港中路, 泰国街 are streets in China.
_STREET_RE = re.compile("[东西南北中]?(?:路|街|巷|大道|道)")


def parse_country(cell: Cell, context: Context = PLAIN) -> str | None:
    text = cells.parse_line(cell)
    if text is None:
        return None
    return _codes().get(fold_name(text)) or text.upper()


def country_of_address(address: str) -> str | None:
    """The code of the country at the beginning of a Chinese address, or behind the last comma of an English one."""
    if address.isascii():
        return _codes().get(fold_name(address.rpartition(",")[2].strip(" ."))) if "," in address else None
    if not address.startswith(_chinese_names()):
        return None
    name = next(name for name in _chinese_names() if address.startswith(name))
    return None if _STREET_RE.match(address, len(name)) else _codes()[name]
