"""Other headers that lists of the staff and of banks use for dues and payments."""

YEAR = "会费年度、所属年度、年份、缴费年度、year"
CLASS = "会费标准、档次、缴费档次、档次名称、会费等级、dues_class"
CLASS_AMOUNT = "会费金额、年费、会费标准（元/年）、标准金额、年会费、amount"
CLASS_TIERS = "适用级别、对应级别、适用会员级别、适用会员、会员级别、tiers"
STANDARD_FROM = "执行日期、执行起始日期、标准执行日期、起始日期、生效日期、standard_from、begins_on"
STANDARD_UNTIL = "执行截止日期、截止日期、标准截止日期、ends_on"
PUBLISHED_ON = "公布日期、公示日期、告知日期、published_on"
FIRST_YEAR = "入会当年、首年会费、first_year"
LAST_YEAR = "退会当年、末年会费、last_year"
STANDARD_REMARKS = "标准备注、remarks"
PARTS = {
    "whole": ["全年", "整年", "按全年"],
    "half": ["半年", "按半年"],
    "months": ["按月", "月"],
}
DECISION = "决议名称、会费标准决议、会员大会决议、通过的决议、decision"
MEMBER = "会员单位、会员名称、会员单位名称、单位、企业名称、公司名称、单位全称、名称"
MONTHS = "月数、缴费月数、months"
DUE_AMOUNT = "应收会费、会费金额、会费、年会费、amount"
RELIEF_RULE = "减免条款、减免规则、relief_rule"
RELIEF_REASON = "减免理由、relief_reason"
RELIEF_DECISION = "减免依据决议、减免决议名称、relief_decision"
DUE_REMARKS = "备注、会费备注、remarks"
PAID_ON = (
    "交易日期、交易时间、记账日期、入账日期、入账时间、到账日期、到账时间、收款日期、缴纳日期、交易日、记账日、"
    "transaction date、date、paid_on"
)
AMOUNT = (
    "收入金额、贷方发生额、贷方金额、收入、贷方、入账金额、转入金额、收款金额、到账金额、实缴金额、交易金额、金额、"
    "贷方发生额/元、credit amount、credit、amount"
)
OUTGOING = (
    "支出金额、借方发生额、借方金额、支出、借方、转出金额、付款金额、借方发生额/元、debit amount、debit、outgoing"
)
PAYER = "payer"
NAME = (
    "会员单位、会员名称、会员单位名称、单位、企业名称、公司名称、单位全称、名称、对方户名、对方账户名称、对方名称、对方账号名称、"
    "付款人、付款人名称、付款人户名、付款方、付款方户名、付款方名称、付款单位、付款户名、对手方、对方单位、对方单位名称、户名、"
    "counterparty、counterparty name、name of payer"
)
TEXT = "附言、摘要、用途、备注、交易附言、交易摘要、客户附言、摘要附言、汇款附言、text、remark、reference"
SERIAL_NO = (
    "交易流水号、流水号、银行流水号、交易流水、柜员流水号、核心流水号、日志号、交易序号、凭证号、serial number、"
    "transaction number、serial_no"
)
RECEIPT_NO = "票据号码、会费收据号、会费票据号、票据号、收据号、收据号码、发票号码、receipt_no"
RELIEF = "减免、减免额、relief"
