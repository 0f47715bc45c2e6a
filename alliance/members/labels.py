"""The labels of tiers and days in member lists. The meaning of a day follows from its label."""

TIER = (
    "会员类别、会员等级、级别、会员类型、会员层级、入会级别、会内职务、协会职务、联盟职务、现级别、现会员级别、"
    "当前级别、当前会员级别、目前级别、Membership tier、"
    "Membership level、Member level、Level"
)
NEW_TIER = (
    "新级别、New tier、新会员级别、新等级、新会员等级、调整后级别、调整后会员级别、调整后的级别、变更后级别、"
    "变更后会员级别、变更后的级别、拟调整级别、拟任级别、调整为、变更为、晋升级别、升级后级别、new_tier、New level、"
    "New membership tier、Tier after、Changed to"
)
"""Labels of the tier that holds from the day of a change."""
OLD_TIER = (
    "原级别、Previous tier、原会员级别、原等级、原会员等级、调整前级别、调整前会员级别、调整前的级别、变更前级别、"
    "变更前会员级别、变更前的级别、old_tier、Old tier、Former tier、Previous level、Tier before"
)
"""Labels of the tier that held until the day of a change."""

JOINED = (
    "入会时间、入会日、加入日期、加入时间、首次入会日期、批准入会日期、批准入会时间、入会批准日期、加入联盟日期、"
    "加入联盟时间、joined_on、Join date、Joining date、Date joined、"
    "Date of joining、Member since、Membership since、Admission date、Date of admission"
)
"""Labels of the first day of the unbroken membership, at any tier."""
START = (
    "起始时间、开始日期、开始时间、级别起始日期、本级别起始日期、会籍起始日期、任职起始日期、Starts on、Started on、"
    "Start of the period、Period start"
)
"""Labels of the first day of one period at one tier."""
CHANGED = (
    "变更日期、Date of change、变更时间、调整日期、调整时间、级别变更日期、级别变更时间、级别调整日期、级别调整时间、"
    "变动日期、升级日期、晋升日期、生效日期、生效时间、新级别生效日期、新级别起始日期、执行日期、changed_on、"
    "Changed on、Change date、Effective date、Effective from、Effective on、Date of the change"
)
"""Labels of the first day at the tier of the row, after another tier."""
DAY = "日期、时间、date、day"
"""Labels without a clear meaning; beside a new tier they mean the day from which the tier holds."""

LAST_DAY = (
    "有效期至、Valid until、valid_until、上届到期日、本届到期日、会籍有效期至、会员有效期至、会员资格有效期至、"
    "会费有效期至、有效期、会员有效期、会籍有效期、有效期限、会员有效期限、有效期止、有效期截止、有效截止日期、"
    "有效日期至、有效至、届满日期、届满时间、届满日、任期届满日期、任期至、到期日、到期日期、到期时间、会员到期日、"
    "会员到期日期、会员到期时间、会籍到期日、会籍到期日期、会费到期日、会费到期日期、到期、截止日期、截止时间、"
    "截止日、会籍截止日期、结束日期、结束时间、会籍结束日期、最后日期、最后一日、Valid to、Valid through、"
    "Valid till、Validity、Expiry date、Expiry、Expiration date、Expiration、Expires on、Expires、"
    "Membership expires、Last day、Until、Ends on、Membership end、Membership end date"
)
"""Labels of the last day on which the membership holds, as in certificates, terms and deadlines."""
FIRST_DAY_WITHOUT = (
    "终止时间、终止日、退会日期、退会时间、退会日、退出日期、退出时间、离会日期、离会时间、除名日期、会籍终止日期、"
    "会员资格终止日期、资格终止日期、Ended on、Membership ended、Termination date、Terminated on、Withdrawal date、"
    "Withdrawn on、Date of withdrawal、Leaving date、Left on、Resignation date"
)
"""Labels of the first day on which the membership no longer holds."""
