"""Other headers and words that lists of the staff use for terms, groups, seats and office holders."""

NUMBER = "第几届、届数、理事会届次、届、term、number"
TERM_BEGINS = "任期首日、任期起始日期、任期开始日期、起始日期、任期自、任期起、begins_on、Starts on"
FIRST_DAY_AFTER = "任期终止日期、ends_on"
TERM_LAST_DAY = (
    "届满日期、Last day of the term、last_day、任期届满日期、届满时间、届满日、任期末日、任期最后一天、任期至、任期止、"
    "任期截止日期、截止日期、到期日期、到期日、Last day"
)
PUT_OFF = "postponed_until"
PUT_OFF_LAST_DAY = (
    "延期至（最后一日）、Put off until (last day)、put_off_to、延期至（最后一天）、延期至、延期届满日期、延期截止日期、"
    "延期换届至、Put off until"
)
APPROVAL = "批复文号、批准文件、延期批准文号、批文号、文号、approval_no"
GROUP = (
    "中文名称、机构名称、内设机构名称、分支机构、分支机构名称、专业委员会、专委会、专委会名称、工作组、工作组名称、委员会、"
    "委员会名称、group"
)
KIND = "内设机构类别、类别、机构类型、kind"
FOUNDED = "成立日期、成立时间、设立时间、founded_on"
DISSOLVED = "撤销日期、撤销时间、解散时间、dissolved_on"
ROLE = "组内职务、任职、担任职务、职务、委员会职务、角色、role"
ORGANIZATION = (
    "会员单位、会员名称、会员单位名称、单位、企业名称、公司名称、机构全称、单位全称、所在单位、工作单位、任职单位、"
    "所属单位、成员单位、名称"
)
FROM = "任职日期、任职时间、任职开始日期、任职自、当选日期、就任日期、起始日期、开始日期、begins_on、From"
FIRST_DAY_WITHOUT = "离任日期、卸任日期、免职日期、终止日期、ends_on、Until"
LAST_DAY = (
    "最后任职日、Last day in office、last_day、任职至、任期至、任职届满日期、届满日期、任职截止日期、截止日期、最后一天"
)
OFFICE = "职务、联盟任职、协会职务、担任职务、拟任职务、本会职务、office"
PERSON = "人员姓名、负责人姓名、负责人、名字、name"
TITLE = "所在单位职务、本单位职务、工作单位职务、现任职务、单位及职务、行政职务、title"

KINDS = {
    "supervisory_board": ["监事", "监督委员会"],
    "special_committee": ["专委会", "专门委员会", "专业委员会（专委会）"],
    "working_group": ["工作小组", "专项工作组", "专责工作组"],
    "expert_committee": ["专家组", "专家库", "专家咨询委员会"],
}
ROLES = {
    "lead": ["主任单位", "组长单位", "主任委员单位", "牵头单位", "主任", "组长", "主任委员", "监事长单位"],
    "deputy": ["副主任单位", "副组长单位", "副主任委员单位", "副牵头单位", "副主任", "副组长", "副主任委员"],
    "member": ["成员", "委员单位", "委员", "组员", "组员单位", "监事单位"],
}
OFFICES = {
    "chair": ["会长"],
    "vice_chair": ["副会长"],
    "chief_supervisor": ["监事会主席"],
    "group_head": ["主任委员", "主任", "组长"],
    "expert": ["专家", "专家委员"],
}
"""Code of a choice -> other words that cells have for it."""
