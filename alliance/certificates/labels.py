"""Other headers and words that lists of the staff use for certificates."""

NUMBER = "会员证书编号、证书编号、证书号、会员证书号、证书号码、证号、number、Certificate No."
ISSUED = "发证日期、颁发日期、发证时间、签发日期、颁证日期、issued_on"
FROM = "有效期自、有效期起、有效期始、生效日期、有效期开始日期、valid_from"
UNTIL = "有效期至、有效期止、有效截止日期、证书有效期至、到期日、到期日期、到期时间、valid_to"
PRINTED_NAME = "证书单位名称、证书所载名称、证书上的名称"
TIER = "证书级别、证书所载级别、会员级别、级别"
ENDED = "失效日期、作废日期、收回日期、换发日期、挂失日期、注销日期、ended_on"
KIND = "失效方式、证书状态、状态、处理方式、end_kind"
REASON = "失效原因、作废原因、收回原因、换发原因、end_reason"
SUCCESSOR = "换发后证书编号、新证书编号、新证编号、replaced_by"
RETURNED = "交回日期、证书交回日期、交回时间、returned_on"

KINDS = {
    "replaced": ["已换发", "换证", "已换证", "补发"],
    "lost": ["已遗失", "丢失", "挂失"],
    "withdrawn": ["已收回", "交回", "已交回", "收缴"],
    "void": ["已作废", "废止", "无效", "注销"],
}
MEMBER = "会员单位、会员名称、会员单位名称、单位、企业名称、公司名称、单位全称、所属单位、成员单位、名称"
