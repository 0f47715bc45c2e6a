"""Words that names of Chinese bodies are made of, besides the brand: places, trades, legal forms.

They are general vocabulary and carry no weight of their own; `registry.matching.names` cuts names by them. All Chinese
words are simplified, all Latin ones lower case, as `registry.search.fold` leaves them.
"""

PROVINCES = frozenset(
    """
    北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 四川 贵州
    云南 西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门 中国
    """.split()
)
CITIES = frozenset(
    """
    石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 呼和浩特
    包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳
    葫芦岛 长春 四平 辽源 通化 白山 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化
    南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州
    丽水 义乌 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州
    南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海
    日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店
    武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州
    怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
    顺德 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 三沙 儋州 成都 自贡 攀枝花 泸州 德阳
    绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通
    丽江 普洱 临沧 大理 拉萨 日喀则 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉
    酒泉 庆阳 定西 陇南 西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 吐鲁番 哈密 石河子 台北 高雄 台中 台南 新竹
    """.split()
)
TOWNS = frozenset(
    """
    石岐 东区 西区 南区 五桂山 火炬 中山港 火炬开发区 翠亨新区 翠亨 小榄 东凤 古镇 横栏 沙溪 大涌 黄圃 南头 阜沙 三角 民众 南朗 港口
    三乡 坦洲 神湾 板芙 东升
    """.split()
)
"""Of Zhongshan, as they stand in names; also those that have been merged."""
LATIN_PLACES = frozenset(
    """
    china chinese prc sino zhongshan guangdong guangzhou shenzhen zhuhai foshan dongguan jiangmen huizhou shantou beijing
    peking shanghai tianjin chongqing hebei shanxi liaoning jilin heilongjiang jiangsu zhejiang anhui fujian jiangxi
    shandong henan hubei hunan hainan sichuan guizhou yunnan shaanxi gansu qinghai guangxi ningxia xinjiang tibet
    hong kong hongkong macau macao taiwan nanjing suzhou wuxi hangzhou ningbo wenzhou hefei fuzhou xiamen nanchang jinan
    qingdao zhengzhou wuhan changsha nanning haikou chengdu guiyang kunming xian lanzhou shenyang dalian changchun harbin
    japan korea india singapore usa us uk america american europe european asia pacific germany france canada italy
    netherlands switzerland sweden israel australia international global worldwide
    """.split()
)

TRADES = frozenset(
    """
    科技 技术 电子 电器 电气 电力 电机 电脑 电讯 电信 电线 电缆 电镀 电梯 电商 电业 电源 电池 电动 电声 五金 塑料 塑胶 橡胶 金属
    钢材 钢铁 钢管 铝业 铝材 铜业 不锈钢 机械 机电 机床 机器 机器人 模具 设备 仪器 仪表 器材 器械 工具 工程 工业 工贸 工艺 实业
    企业 制造 制品 制衣 制鞋 制药 制罐 制冷 制盖 加工 生产 精密 精工 精机 自动化 智能 智慧 智造 人工智能 数据 大数据 数字 数码
    信息 网络 互联网 物联网 软件 系统 集成 通信 通讯 云计算 半导体 芯片 集成电路 微电子 光电 光学 光源 激光 照明 灯饰 灯具 灯光
    传感 传感器 显示 视觉 语音 新能源 能源 节能 环保 环境 环卫 水务 水处理 净水 污水 再生 回收 废品 物资 材料 新材料 复合 化工
    化学 涂料 油漆 油墨 颜料 胶粘 胶业 粘合 日化 日用 日用品 化妆品 洗涤 用品 生物 生物技术 基因 医药 药业 药品 药房 大药房 医疗
    医疗器械 医学 医院 健康 保健 养老 卫浴 洁具 厨具 厨卫 厨电 厨房 家电 家具 家居 家用 家纺 家饰 床上 木业 木制 木器 红木
    门窗 玻璃 陶瓷 石材 建材 建筑 建设 建工 装饰 装修 装潢 设计 园林 绿化 景观 市政 水电 安装 消防 防水 安防 土石方 混凝土
    水泥 路桥 交通 汽车 汽配 配件 零部件 摩托车 单车 自行车 船舶 航空 航天 轨道 物流 货运 运输 客运 仓储 快递 供应链 代理
    国际 贸易 商贸 商务 商业 商行 进出口 外贸 对外 经贸 经济 销售 营销 批发 零售 百货 超市 连锁 便利 商场 市场 广场 购物
    房地产 地产 置业 物业 开发 发展 投资 控股 集团 资本 基金 金融 银行 保险 财产 人寿 担保 典当 租赁 融资 信用 资产 创投
    咨询 顾问 服务 管理 企业管理 策划 传播 传媒 文化 广告 影视 动漫 出版 印刷 彩印 包装 纸业 纸品 纸箱 印务 标识 展览 会展
    会计 会计师 税务 律师 评估 拍卖 检测 检验 认证 计量 知识产权 人力资源 劳务 教育 培训 学校 幼儿园 体育 健身 娱乐 旅游
    旅行社 旅行 酒店 宾馆 餐饮 饮食 食品 饮料 酒业 茶业 粮油 粮食 农业 农产品 水产 养殖 畜牧 饲料 种植 种业 园艺 花卉 渔业
    服装 服饰 制服 时装 内衣 针织 纺织 织造 印染 印花 布业 毛织 皮革 皮具 箱包 鞋业 鞋材 帽业 饰品 珠宝 首饰 钟表 眼镜 玩具
    礼品 文具 乐器 石油 石化 油品 燃气 燃料 天然气 液化气 加油站 供水 供电 邮政 保安 家政 清洁 维修 修理 空调 冷气 制冷 通风
    暖通 锅炉 压缩机 阀门 水泵 泵业 管业 管道 轴承 齿轮 弹簧 紧固件 脚轮 锁业 锁具 电路 线路板 连接器 开关 插座 变压器 继电器
    电容 电阻 磁性 磁材 音响 音视频 视频 影像 摄影 图文 图片 打印 耗材 办公 文仪 创意 创新 创业 孵化器 众创空间 产业园 科技园
    研究 研发 应用 方案 解决方案 平台 运营 经营 中心 联合 合作 综合 有色 稀土 陶艺 无人机 医院 门诊 诊所 口腔 美容 美发
    研究院 研究所 研究中心 实验室 重点实验室 国家重点实验室 工程中心 大学 学院 职业 技工 协会 学会 商会 联盟 促进会 基金会 供销
    """.split()
)

CHINESE_FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "股份公司", "集团公司", "总公司", "公司", "特殊普通合伙", "普通合伙", "有限合伙",
    "合伙企业", "个人独资企业", "个体工商户", "股份合作公司", "工厂", "总厂", "厂", "商行", "经营部", "商店",
)  # fmt: skip
"""At the end of a name; the longest that fits counts."""
LATIN_FORMS = frozenset(
    """
    co ltd limited inc incorporated corp corporation company llc llp lp plc gmbh ag kg sa sas sarl srl spa bv nv ab as oy
    oyj aps kk pte pty sdn bhd jsc pjsc ooo holding holdings group the and of for in at to
    """.split()
)
LATIN_TRADES = frozenset(
    """
    technology technologies tech electronics electronic electric electrical industry industries industrial manufacturing
    manufacture science sciences scientific engineering system systems software solutions service services trading trade
    import export imp exp development investment management consulting network networks information intelligent
    intelligence data digital machinery equipment instrument instruments materials material chemical chemicals
    pharmaceutical pharmaceuticals biotechnology biotech medical hospital health healthcare energy power environmental
    lighting hardware plastic plastics products furniture garment textile food logistics communication communications
    university college institute academy school laboratory lab key state national research center centre affiliated
    provincial province municipal city society association foundation council bureau department ministry committee
    polytechnic vocational normal open cloud computing labs studio studios ventures capital partners bank financial
    finance insurance education media
    """.split()
)
BRANCH = r"分公司|子公司|分店|分厂|分行|支行|支公司|中心支公司|分局|支局|分院|分校|分社|分部|门市部|办事处|代表处|分理处|营业部|营业厅|供应站|加油站|服务部|经理部|项目部"
"""Ends of names of parts of a body, which are registered apart from it."""
