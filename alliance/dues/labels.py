"""Other headers that lists of the staff and of banks use for dues and payments."""

YEAR = "会费年度、所属年度、年份、缴费年度、year"
CLASS = "会费标准、档次、缴费档次、dues_class"
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
