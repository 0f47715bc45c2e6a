-- The functions on which columns, constraints, indexes and triggers rest, the sequence of registry numbers, and the table of
-- readings. Run before the tables are made (0001_initial).

CREATE SEQUENCE registry_organization_no_seq;

-- GB 32100-2015: the sum of 18 characters, each by its weight, is a multiple of 31. One flat expression, so that PostgreSQL
-- inlines it into the check constraint.
CREATE FUNCTION registry_uscc_ok(code text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 1, 1)) - 1) * 1 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 2, 1)) - 1) * 3 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 3, 1)) - 1) * 9 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 4, 1)) - 1) * 27 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 5, 1)) - 1) * 19 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 6, 1)) - 1) * 26 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 7, 1)) - 1) * 16 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 8, 1)) - 1) * 17 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 9, 1)) - 1) * 20 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 10, 1)) - 1) * 29 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 11, 1)) - 1) * 25 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 12, 1)) - 1) * 13 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 13, 1)) - 1) * 8 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 14, 1)) - 1) * 24 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 15, 1)) - 1) * 10 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 16, 1)) - 1) * 30 + (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 17, 1)) - 1) * 28
            + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, 18, 1)) - 1) % 31 = 0
$$;

-- The rules are those of registry.values.validators.fold_name; a test compares the two. Most names have nothing to fold and
-- leave at once.
CREATE FUNCTION registry_fold_name(name text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $$
BEGIN
    IF name !~ '[^\u4e00-\u9fff]' THEN
        RETURN name;
    END IF;
    DECLARE
    folded text := normalize(lower(normalize(regexp_replace(name, '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', '', 'g'), NFKC)), NFKC);
BEGIN
    folded := translate(folded, '[{〔【〖〘〚⟨]}〕】〗〙〛⟩', '(((((((())))))))');
    IF folded ~ '[\u0001-\u0020\u007f-\u00a0\u1680\u2028\u2029]' THEN
        folded := btrim(regexp_replace(folded, '[\u0001-\u0020\u007f-\u00a0\u1680\u2028\u2029]+', ' ', 'g'));
        folded := regexp_replace(folded, '(?<=[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff]) | (?=[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff])', '', 'g');
    END IF;
    RETURN folded;
    END;
END
$$;

-- 《统计上大中小微型企业划分办法（2017）》: the lowest class that any indicator reaches. Where an indicator is not reported,
-- only "micro" is certain.
CREATE FUNCTION registry_size_class(industry text, employees numeric, revenue numeric, assets numeric)
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $$
DECLARE
    lowest integer;
    missing boolean;
BEGIN
    SELECT min(CASE WHEN figure >= large_min THEN 4 WHEN figure >= medium_min THEN 3 WHEN figure >= small_min THEN 2
                    WHEN figure IS NOT NULL THEN 1 END),
           bool_or(figure IS NULL)
    INTO lowest, missing
    FROM registry_sizestandard s
    CROSS JOIN LATERAL (SELECT CASE s.indicator WHEN 'employees' THEN employees WHEN 'revenue' THEN revenue
                               WHEN 'assets' THEN assets END AS figure) f
    WHERE EXISTS (SELECT 1 FROM unnest(s.industries) beginning WHERE starts_with(industry, beginning));
    IF missing AND lowest > 1 THEN
        RETURN NULL;
    END IF;
    RETURN (ARRAY['micro', 'small', 'medium', 'large'])[lowest];
END
$$;

-- What is left out of folded names, in this order: signs, the city, the legal form. `replace` costs a sixth of a microsecond;
-- one regular expression for all of it takes as long as folding and indexing the name.
CREATE FUNCTION registry_coarse_name(key text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $$
SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(' ' || replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(key, '(', ''), ')', ''), '.', ''), ',', ''), '-', ''), '·', ''), '&', ''), '''', ''), '"', ''), '’', ''), '“', ''), '”', ''), '广东省中山市', ''), '广东中山市', ''), '中山市', ''), '中山', ''), '有限责任公司', ''), '股份有限公司', ''), '有限公司', ''), '集团公司', ''), '股份公司', ''), '公司', ''), '集团', ''), '有限合伙', ''), '普通合伙', '') || ' ', ' zhongshan ', ' '), ' city ', ' '), ' co ltd ', ' '), ' company limited ', ' '), ' ltd ', ' '), ' limited ', ' '), ' inc ', ' '), ' incorporated ', ' '), ' corporation ', ' '), ' corp ', ' '), ' company ', ' '), ' co ', ' '), ' llc ', ' '), ' plc ', ' '), ' gmbh ', ' '), ' group ', ' '), ' the ', ' '), ' ', '')
$$;

-- Traditional characters as simplified ones (registry.values.variants). Looking for a traditional character is cheap, replacing
-- is not: hardly a name has one.
CREATE FUNCTION registry_simplify(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $$
    SELECT CASE WHEN name ~ '[愛礙奧罷寶報貝備畢邊變標賓並補財參倉廠長償車陳稱誠馳齒衝儲傳創純詞聰從達帶貸單擔當黨導燈鄧遞點電釣東動獨讀鍛對隊頓奪額兒爾發範飛費紛奮豐風馮鳳膚輻撫輔婦復負該蓋趕剛綱鋼個給龔鞏貢構購顧關觀館慣廣歸規櫃貴國過漢號賀紅鴻後護滬華畫話環還換煥輝匯會繪渾夥獲貨機積績極級際濟計記繼紀駕堅監檢簡見艦鑒鍵劍漸將獎講膠驕階節結傑潔緊進勁經鏡靜競舊舉鋸劇據覺軍駿開凱顆課墾庫塊寬況虧礦蘭藍攬覽勞樂類離裏禮麗厲勵歷聯連憐練鏈糧兩輛遼療鄰臨靈齡嶺領劉瀏龍樓盧廬爐陸錄驢呂綠慮濾倫輪論羅邏馬碼買邁麥賣貿門夢彌綿廟滅銘謀畝納難腦擬釀鳥寧濃農諾歐盤龐賠噴鵬頻貧蘋憑評頗撲鋪樸譜齊騎豈啟氣棄鉛遷簽謙錢潛淺槍強橋喬親輕氫慶瓊窮區軀驅權勸確讓熱認榮絨軟銳潤賽傘喪掃澀殺曬閃陝傷賞燒紹設攝審滲聲繩勝聖師濕詩時實識駛勢飾視試適釋壽書輸屬術樹數帥雙順說碩絲鬆頌蘇訴肅雖隨歲孫損縮鎖態攤壇談嘆湯濤騰題體條鐵聽廳頭圖塗團馱橢窪灣萬網韋為維偉偽衛溫聞穩問渦窩臥烏無務霧犧習係戲細蝦峽俠廈鮮閒賢顯險現線縣獻鄉詳響項蕭銷曉嘯協諧寫謝鋅興繡鏽許續軒選學勛詢尋訓訊遜壓鴨亞煙鹽嚴顏艷驗揚陽楊養樣堯搖遙藥爺業葉頁醫儀遺藝億義議陰銀飲應櫻鷹營贏穎擁優憂郵遊猶魚漁餘與嶼語譽預馭園員圓緣遠願約閱躍雲運韻雜災載讚鑽則責澤擇贈閘債佔戰張帳賬趙針偵診鎮陣徵證鄭職執紙質製幟滯終種眾週軸驟豬諸燭囑貯築鑄駐專磚轉賺樁莊裝壯狀錐準漬資總縱組臺灝瑋鋁銅鈦鋰鎳錫縫紡織綉衆啓羣舖爲産產採廚晝暉瀾濱灘瀘晉獅鍾鐘髮彥濰噸滙煉燦蠶齋贛魯錶鍍鍊鎢閩隴靚鴿麵黃黴龜嘜塵媽嬌嵐巖幣幫廂彈徑懷戀斃斷曆棟樺檔櫥歡毀汙沖淨滷澗澱濁爭牆瑪璽痺皺盜睜禎稅稈穀竄筆籃糾紋紐絕統緒緯繞罰膽臟蔣薩薦虛蟲衹裡訂託討誤誰諮貫賴踐較輯辦辭迴這逕醬釦鈕鉅鋒錦鍋鎂鏟鐳閣闊闆隸韓須顛飄飯餅鬥鬧鮑鯨鶴㑮㑯㑳㑶㒓㓄㓨㔋㖮㗲㗿㘉㘓㘔㘚㛝㜄㜏㜐㜗㜢㜷㞞㟺㠏㠣㢗㢝㥮㦎㦛㦞㨻㩋㩜㩳㩵㪎㯤㰙㵗㵾㶆㷍㷿㸇㹽㺏㺜㻶㿖㿗㿧䀉䀹䁪䁻䂎䃮䅐䅳䆉䉑䉙䉬䉲䉶䊭䊷䊺䋃䋔䋙䋚䋦䋹䋻䋼䋿䌈䌋䌖䌝䌟䌥䌰䍤䍦䍽䎙䎱䓣䕤䕳䖅䗅䗿䙔䙡䙱䚩䛄䛳䜀䜖䝭䝻䝼䞈䞋䞓䟃䟆䟐䠆䠱䡐䡩䡵䢨䤤䥄䥇䥑䥕䥗䥩䥯䥱䦘䦛䦟䦯䦳䧢䪊䪏䪗䪘䪴䪾䫀䫂䫟䫴䫶䫻䫾䬓䬘䬝䬞䬧䭀䭃䭑䭔䭿䮄䮝䮞䮠䮫䮰䮳䮾䯀䯤䰾䱀䱁䱙䱧䱬䱰䱷䱸䱽䲁䲅䲖䲘䲰䳜䳢䳤䳧䳫䴉䴋䴬䴱䴴䴽䵳䵴䶕䶲丟乾亂亙佇佈併來侖侶侷俁俓俔俥俬倀倆倈們倖倲偑側傌傖傢傭傯傴傾僂僅僉僑僕僞僤僥僨僱價儁儂儈儉儎儐儔儕儘儣儭儷儸儺儻儼兇兌兗內冊冑冪凈凍凙凜別刪剄剋剎剗剝剮剴剷剾劃劄劊劌劏劑劚勑勣勩勱勳勻匭匱卹卻卽厙厠厤厭厴叄叢吒吳吶咼哯唄唓唸啞啢喎喚喫喲嗆嗇嗊嗎嗚嗩嗰嗶嗹嘍嘓嘔嘖嘗嘩嘪嘮嘰嘳嘵嘸嘺嘽噁噅噓噚噝噞噠噥噦噯噲噹嚀嚇嚌嚐嚕嚙嚛嚥嚦嚧嚨嚮嚲嚳嚶嚽囀囁囂囃囅囈囉囌囒囪圇圍圞垻埡埨埬埰堊堖堚堝場塋塏塒塚塢塤塸塹塿墊墜墠墮墰墲墳墶墻壈壋壎壗壘壙壚壜壞壟壠壢壣壩壪壺壼夠夾奐奩奬奼妝姍姦娙娛婁婡婭媈媧媯媰媼嫋嫗嫵嫺嫻嫿嬀嬃嬇嬈嬋嬙嬡嬣嬤嬦嬪嬰嬸嬻孃孄孆孇孋孌孎孻孾孿宮寀寠寢寵尷屆屍屓屜屢層屨屩岡峯峴島崍崑崗崙崢崬嵗嵼嵽嵾嶁嶄嶇嶈嶔嶗嶘嶠嶢嶧嶨嶮嶸嶹嶽巊巋巒巔巗巘巰巹幀幃幓幗幘幝幩幬幷幹幾廁廄廎廕廝廞廡廢廧廩弒弔弳彃彄彆彎彔彙彠彫彲彿徠徹徿恆恥悅悞悵悶悽惡惱惲惻愜愨愴愷愻愾慄慍慘慚慟慤慪慫慳慺慼慾憊憒憖憚憢憤憫憮憲憶憸憹懀懇懌懍懎懞懟懣懤懨懲懶懸懺懼懾戇戔戧戩戱戶扞拋拚挩挱挾捨捫捱捲掄掆掗掙掚掛揀揮揯搗搧搵搶摋摐摑摜摟摯摳摶摺摻撈撊撏撐撓撝撟撣撥撧撳撻撾撿擄擊擋擓擟擠擡擣擫擯擰擱擲擴擷擺擻擼擽擾攄攆攋攏攔攖攙攛攜攢攣攪敎敓敗敘敵斂斅斆斕斬斸於旂旣昇晛暈暐暘暢暫曄曇曊曏曖曠曥曨朥朧朮枴柵柺査桱桿梔梖梘梜梟梲棊棖棗棡棧棲棶椏椲楇楓楨榘榦榪榲榿槓槤槧槨槫槮槳槶槼樅樑樞樠樢樤樧樫樳樿橈橫橯檁檉檜檟檣檭檮檯檳檵檸檻櫅櫍櫓櫚櫛櫝櫞櫟櫠櫧櫨櫪櫫櫬櫱櫳櫸欄欅欇欍欏欐欑欒欓欖欘欞欽歎歟歿殘殞殢殤殨殫殭殮殯殰殲殻殼毆毊毿氂氈氌氬氭氳氾汎決沒泝洩洶浹浿涇涗涼淒淚淥淩淪淵淶渙減渢測湊湋湞湧溈溝溡溮溳溼滄滌滎滸滻滾滿漊漍漚漣漲漵漿潁潑潕潙潚潣潯潰潷潿澅澆澇澐澠澦澩澫澬澮澾濄濆濘濚濛濜濧濫濺濼濿瀂瀃瀅瀆瀇瀉瀋瀕瀝瀟瀠瀦瀧瀨瀰瀲灃灄灍灑灒灕灙灡灤灧灩烴煇煒煢煩煬煱熂熅熉熌熒熓熗熚熡熰熲熾燀燁燉燖燙燜燬燴燶燻燼燾爃爄爇爍爖爛爥爧牀牘牴牽犖犛犞犢狹狽猌猙猻獁獃獄獊獩獪獫獮獰獱獵獷獸獺獼玀玁珼琱琺琿瑒瑣瑤瑩瑲瑻瑽璉璊璕璗璝璡璣璦璫璯璵璸璼璾璿瓄瓅瓏瓔瓕瓚瓛甌甕異畵畼疇疊痙痠痮痾瘂瘋瘍瘓瘞瘡瘧瘮瘱瘲瘺瘻癆癇癉癐癒癘癟癡癢癤癥癧癩癬癭癮癰癱癲皁皚皟皰皸盃盞盡盨盪眝眞眥睍睏睞瞘瞜瞞瞤瞭瞶瞼矇矉矑矓矚矯硃硜硤硨硯碕碙碭碸碽磑磠磣磧磯磽磾礄礎礐礒礪礫礬礮礱祕祿禍禕禡禦禪禰禱禿秈稏稜稟穇穌穠穡穢穫穭窯窵窶窺竅竇竈竊竚竪竱筍筧筴箇箋箏箚篋篔篘篠篢篤篩篳篸簀簂簍簑簞簢簣簫簹簾籅籋籌籔籙籛籜籟籠籤籩籪籬籮籲粵糉糝糞糰糲糴糶糹糺紂紃紆紇紈紉紓紕紖紗紘紜紝紞紟紬紮紱紲紳紵紺紼紿絀絁絃絅絆絍絎絙絛絝絞絡絢絥絧絪絰絳絶絹絺綀綁綃綄綆綇綈綋綌綎綏綐綑綖綜綝綞綟綡綢綣綧綪綫綬綯綰綳綴綵綸綹綺綻綽綾緄緇緋緍緑緓緔緗緘緙緝緞緟締緡緤緦編緩緬緮緰緱緲緶緷緸緹緻緼縈縉縊縋縍縎縐縑縕縗縛縝縞縟縧縬縭縯縰縲縳縴縵縶縷縸縹縺繂繃繅繆繈繏繐繒繓繕繚繟繢繨繫繬繭繮繯繰繳繶繷繸繹繻繽繾繿纁纆纇纈纊纍纏纓纔纕纖纗纘纚纜缽罃罈罌罎罵羆羈羋羥羨羵羶翫翬翹翽耬耮聳聵聶聹聻聾脅脈脛脣脥脩脫脹腎腖腡腪腫腳腸膃膕膞膢膩膹膾膿臉臍臏臗臘臚臠臢舘艙艣艤艫艱芻苧茲荊莖莢莧菕菴菸萇萊萴萵葒著葝葤葦葯葷蒍蒐蒓蒔蒕蒞蒭蒼蓀蓆蓧蓮蓯蓴蓽蔄蔔蔘蔞蔥蔦蔭蔯蔿蕁蕆蕎蕒蕓蕕蕘蕝蕢蕩蕪蕳蕷蕽薀薆薈薊薌薑薔薘薟薳薴薵薹薺藎藪藭藴藶藷藹藺蘀蘄蘆蘊蘚蘞蘟蘢蘺蘿虆虉處虜虯蛺蛻蜆蝀蝕蝟蝨蝸螄螞螢螮螻螿蟂蟄蟈蟎蟘蟜蟣蟬蟯蟳蟶蟻蠀蠁蠅蠆蠍蠐蠑蠔蠙蠟蠣蠦蠨蠱蠻蠾衊衕衚袞袷裊複褌褘褲褳褸褻襀襇襉襏襓襖襗襘襝襠襤襪襬襯襰襲襴襵覈覎覓覘覛覡覥覦覬覯覲覷覹覼覿觴觶觸訁訃訌訏訐訑訒訕訖訛訜訝訞訟訢訣訥訨訩訪訶註証詀詁詆詊詎詐詑詒詓詔詖詗詘詛詝詠詡詣詪詫詬詭詮詰詵詷詼詿誂誄誅誆誇誋誌誑誒誕誘誚誡誣誥誦誨誫説誳誴誶誷誹誺誼誾調諂諄諉請諍諏諑諒諓諗諛諜諝諞諟諡諢諣諤諥諦諫諭諯諰諱諲諳諴諶諷諺諼謁謂謄謅謆謉謊謎謏謐謔謖謗謚謠謡謨謫謬謭謯謱謳謸謹謾譁譂譅譆譊譎譏譑譓譖譙譚譞譟譨譫譭譯譴譸譾讅讋讌讎讒讕讖讜讞谿豎豔豵豶貍貓貗貙貞貟販貪貰貲貳貶貺貼貽賁賂賃賄賅賈賊賑賒賕賙賚賜賝賟賡賤賦賧賫賭賰賵賻賾贃贄贅贇贉贊贋贍贐贑贓贔贖贗贚贜赬趨趲跡踰踴蹌蹔蹕蹟蹠蹣蹤蹳蹺蹻躂躉躊躋躎躑躒躓躕躘躚躝躡躥躦躪軉軋軌軏軑軔軕軗軛軜軝軤軨軫軬軲軷軹軺軻軼軾軿輄輅輇輈輊輋輒輓輖輗輜輞輟輢輥輦輨輩輬輮輳輶輷輼輾輿轀轂轄轅轆轇轊轍轎轐轔轗轟轠轡轢轣轤辮辯違遡遱遲遶邇邐郟鄆鄒鄔鄖鄟鄩鄲鄳鄴鄶鄺酇酈醃醖醜醞醟醣醱醲醶釁釃釅釐釒釓釔釕釗釘釙釚釟釤釧釨釩釲釳釴釵釷釹釺釾釿鈀鈁鈃鈄鈅鈆鈇鈈鈉鈋鈍鈎鈐鈑鈒鈔鈖鈗鈛鈞鈠鈡鈣鈥鈧鈮鈯鈰鈲鈳鈴鈷鈸鈹鈺鈽鈾鈿鉀鉁鉆鉈鉉鉊鉋鉍鉑鉔鉕鉗鉚鉝鉞鉠鉢鉤鉥鉦鉧鉬鉭鉮鉳鉶鉷鉸鉺鉻鉽鉾鉿銁銂銃銈銊銍銏銑銓銖銚銛銜銠銣銥銦銨銩銪銫銬銱銶銹銻銼鋂鋃鋇鋉鋌鋏鋐鋗鋙鋝鋟鋠鋣鋤鋥鋦鋨鋩鋭鋮鋯鋱鋶鋹錀錁錂錆錇錈錏錒錕錘錙錚錛錜錝錞錟錠錡錤錥錨錩錮錯録錳錸錼錽鍀鍁鍃鍄鍅鍆鍇鍈鍉鍒鍔鍘鍚鍠鍤鍥鍩鍬鍭鍮鍰鍶鍺鍼鎄鎇鎈鎊鎌鎍鎓鎔鎘鎙鎚鎛鎝鎞鎡鎣鎦鎧鎩鎪鎬鎭鎯鎰鎲鎵鎶鎷鎸鎿鏃鏆鏇鏉鏌鏍鏏鏐鏑鏗鏘鏚鏜鏝鏞鏢鏤鏥鏦鏨鏰鏵鏷鏹鏺鏻鏾鐃鐄鐇鐈鐋鐍鐎鐏鐐鐒鐓鐔鐙鐝鐠鐥鐦鐧鐨鐩鐪鐫鐮鐯鐲鐶鐸鐺鐼鐽鐿鑀鑉鑊鑌鑑鑔鑕鑞鑠鑣鑥鑪鑭鑰鑱鑲鑴鑷鑹鑼鑾鑿钁钂閂閆閈閉閌閍閎閏閐閑間閔閗閝閞閡閤閥閨閫閬閭閲閵閶閹閻閼閽閾閿闃闇闈闉闋闌闍闐闑闒闓闔闕闖闞闠闡闢闤闥陘陞隉隑隕隤隮隯隱隻雋雛雞霑霢霣霼霽靂靄靆靉靝靦靧靨鞝鞦鞽鞾韁韃韆韉韌韍韙韚韛韜韝韞韠頂頃頇頊頍頎頏頑頒頔頜頠頡頤頦頫頮頰頲頴頵頷頸頹頽顂顃顅顎顒顓顔顗顙顢顣顥顫顬顰顱顳顴颭颮颯颰颱颳颶颷颸颺颻颼颾飀飆飈飋飠飢飣飥飦飩飪飫飭飱飴飵飶飼飽飿餃餄餈餉餌餎餏餑餒餓餔餕餖餗餚餛餜餞餡餦餧餪餫餬餭餱餳餵餶餷餸餺餼餾餿饁饃饅饈饉饊饋饌饑饒饗饘饜饞饟饠饢馯馴馹馼駁駃駉駊駎駑駒駓駔駘駙駚駝駞駟駡駢駤駧駩駪駫駭駰駱駶駸駻駼騁騂騃騄騅騉騊騌騍騏騑騔騖騙騚騜騝騞騟騠騤騧騪騫騭騮騱騴騵騶騷騸騻騼騾驀驁驂驃驄驊驋驌驍驎驏驓驙驚驛驤驥驦驨驪驫骯髏髒髕髖鬍鬖鬚鬠鬢鬨鬩鬮鬱鬹魎魘魛魟魢魥魦魨魴魵魷魺魽鮀鮁鮃鮄鮅鮆鮈鮊鮋鮍鮎鮐鮒鮓鮚鮜鮝鮞鮟鮠鮡鮣鮤鮦鮪鮫鮭鮯鮰鮳鮵鮶鮸鮺鮿鯀鯁鯄鯆鯇鯉鯊鯒鯔鯕鯖鯗鯛鯝鯞鯡鯢鯤鯧鯪鯫鯬鯰鯱鯴鯶鯷鯻鯽鯾鯿鰁鰂鰃鰆鰈鰉鰊鰋鰌鰍鰏鰐鰑鰒鰓鰕鰛鰜鰟鰠鰣鰤鰥鰦鰧鰨鰩鰫鰭鰮鰱鰲鰳鰵鰶鰷鰹鰺鰻鰼鰽鰾鱀鱂鱄鱅鱆鱇鱈鱉鱊鱒鱔鱖鱗鱘鱚鱝鱟鱠鱢鱣鱤鱧鱨鱭鱮鱯鱲鱷鱸鱺鳧鳩鳬鳲鳴鳶鳷鳼鳽鳾鴀鴃鴅鴆鴇鴉鴐鴒鴔鴕鴗鴛鴜鴝鴞鴟鴣鴥鴦鴮鴯鴰鴲鴳鴴鴷鴽鵁鵂鵃鵊鵏鵐鵑鵒鵓鵚鵜鵝鵟鵠鵡鵧鵩鵪鵫鵮鵯鵰鵲鵷鵾鶄鶇鶉鶊鶌鶒鶓鶖鶗鶘鶚鶠鶡鶥鶦鶩鶪鶬鶭鶯鶰鶱鶲鶹鶺鶻鶼鶿鷀鷁鷂鷄鷅鷉鷊鷐鷓鷔鷖鷗鷙鷚鷟鷣鷤鷥鷦鷨鷩鷫鷭鷯鷲鷳鷴鷷鷸鷺鷽鷿鸂鸇鸊鸋鸌鸏鸑鸕鸗鸘鸚鸛鸝鸞鹵鹹鹺鹼麨麩麪麫麬麯麲麳麴麷麼麽黌黲黶黷黽黿鼂鼉鼕鼴齎齏齔齕齗齘齙齜齟齠齣齦齧齩齪齬齭齮齯齰齲齴齶齷齼齾龎龑龓龕龭龯鿁鿓]' THEN translate(name, '愛礙奧罷寶報貝備畢邊變標賓並補財參倉廠長償車陳稱誠馳齒衝儲傳創純詞聰從達帶貸單擔當黨導燈鄧遞點電釣東動獨讀鍛對隊頓奪額兒爾發範飛費紛奮豐風馮鳳膚輻撫輔婦復負該蓋趕剛綱鋼個給龔鞏貢構購顧關觀館慣廣歸規櫃貴國過漢號賀紅鴻後護滬華畫話環還換煥輝匯會繪渾夥獲貨機積績極級際濟計記繼紀駕堅監檢簡見艦鑒鍵劍漸將獎講膠驕階節結傑潔緊進勁經鏡靜競舊舉鋸劇據覺軍駿開凱顆課墾庫塊寬況虧礦蘭藍攬覽勞樂類離裏禮麗厲勵歷聯連憐練鏈糧兩輛遼療鄰臨靈齡嶺領劉瀏龍樓盧廬爐陸錄驢呂綠慮濾倫輪論羅邏馬碼買邁麥賣貿門夢彌綿廟滅銘謀畝納難腦擬釀鳥寧濃農諾歐盤龐賠噴鵬頻貧蘋憑評頗撲鋪樸譜齊騎豈啟氣棄鉛遷簽謙錢潛淺槍強橋喬親輕氫慶瓊窮區軀驅權勸確讓熱認榮絨軟銳潤賽傘喪掃澀殺曬閃陝傷賞燒紹設攝審滲聲繩勝聖師濕詩時實識駛勢飾視試適釋壽書輸屬術樹數帥雙順說碩絲鬆頌蘇訴肅雖隨歲孫損縮鎖態攤壇談嘆湯濤騰題體條鐵聽廳頭圖塗團馱橢窪灣萬網韋為維偉偽衛溫聞穩問渦窩臥烏無務霧犧習係戲細蝦峽俠廈鮮閒賢顯險現線縣獻鄉詳響項蕭銷曉嘯協諧寫謝鋅興繡鏽許續軒選學勛詢尋訓訊遜壓鴨亞煙鹽嚴顏艷驗揚陽楊養樣堯搖遙藥爺業葉頁醫儀遺藝億義議陰銀飲應櫻鷹營贏穎擁優憂郵遊猶魚漁餘與嶼語譽預馭園員圓緣遠願約閱躍雲運韻雜災載讚鑽則責澤擇贈閘債佔戰張帳賬趙針偵診鎮陣徵證鄭職執紙質製幟滯終種眾週軸驟豬諸燭囑貯築鑄駐專磚轉賺樁莊裝壯狀錐準漬資總縱組臺灝瑋鋁銅鈦鋰鎳錫縫紡織綉衆啓羣舖爲産產採廚晝暉瀾濱灘瀘晉獅鍾鐘髮彥濰噸滙煉燦蠶齋贛魯錶鍍鍊鎢閩隴靚鴿麵黃黴龜嘜塵媽嬌嵐巖幣幫廂彈徑懷戀斃斷曆棟樺檔櫥歡毀汙沖淨滷澗澱濁爭牆瑪璽痺皺盜睜禎稅稈穀竄筆籃糾紋紐絕統緒緯繞罰膽臟蔣薩薦虛蟲衹裡訂託討誤誰諮貫賴踐較輯辦辭迴這逕醬釦鈕鉅鋒錦鍋鎂鏟鐳閣闊闆隸韓須顛飄飯餅鬥鬧鮑鯨鶴㑮㑯㑳㑶㒓㓄㓨㔋㖮㗲㗿㘉㘓㘔㘚㛝㜄㜏㜐㜗㜢㜷㞞㟺㠏㠣㢗㢝㥮㦎㦛㦞㨻㩋㩜㩳㩵㪎㯤㰙㵗㵾㶆㷍㷿㸇㹽㺏㺜㻶㿖㿗㿧䀉䀹䁪䁻䂎䃮䅐䅳䆉䉑䉙䉬䉲䉶䊭䊷䊺䋃䋔䋙䋚䋦䋹䋻䋼䋿䌈䌋䌖䌝䌟䌥䌰䍤䍦䍽䎙䎱䓣䕤䕳䖅䗅䗿䙔䙡䙱䚩䛄䛳䜀䜖䝭䝻䝼䞈䞋䞓䟃䟆䟐䠆䠱䡐䡩䡵䢨䤤䥄䥇䥑䥕䥗䥩䥯䥱䦘䦛䦟䦯䦳䧢䪊䪏䪗䪘䪴䪾䫀䫂䫟䫴䫶䫻䫾䬓䬘䬝䬞䬧䭀䭃䭑䭔䭿䮄䮝䮞䮠䮫䮰䮳䮾䯀䯤䰾䱀䱁䱙䱧䱬䱰䱷䱸䱽䲁䲅䲖䲘䲰䳜䳢䳤䳧䳫䴉䴋䴬䴱䴴䴽䵳䵴䶕䶲丟乾亂亙佇佈併來侖侶侷俁俓俔俥俬倀倆倈們倖倲偑側傌傖傢傭傯傴傾僂僅僉僑僕僞僤僥僨僱價儁儂儈儉儎儐儔儕儘儣儭儷儸儺儻儼兇兌兗內冊冑冪凈凍凙凜別刪剄剋剎剗剝剮剴剷剾劃劄劊劌劏劑劚勑勣勩勱勳勻匭匱卹卻卽厙厠厤厭厴叄叢吒吳吶咼哯唄唓唸啞啢喎喚喫喲嗆嗇嗊嗎嗚嗩嗰嗶嗹嘍嘓嘔嘖嘗嘩嘪嘮嘰嘳嘵嘸嘺嘽噁噅噓噚噝噞噠噥噦噯噲噹嚀嚇嚌嚐嚕嚙嚛嚥嚦嚧嚨嚮嚲嚳嚶嚽囀囁囂囃囅囈囉囌囒囪圇圍圞垻埡埨埬埰堊堖堚堝場塋塏塒塚塢塤塸塹塿墊墜墠墮墰墲墳墶墻壈壋壎壗壘壙壚壜壞壟壠壢壣壩壪壺壼夠夾奐奩奬奼妝姍姦娙娛婁婡婭媈媧媯媰媼嫋嫗嫵嫺嫻嫿嬀嬃嬇嬈嬋嬙嬡嬣嬤嬦嬪嬰嬸嬻孃孄孆孇孋孌孎孻孾孿宮寀寠寢寵尷屆屍屓屜屢層屨屩岡峯峴島崍崑崗崙崢崬嵗嵼嵽嵾嶁嶄嶇嶈嶔嶗嶘嶠嶢嶧嶨嶮嶸嶹嶽巊巋巒巔巗巘巰巹幀幃幓幗幘幝幩幬幷幹幾廁廄廎廕廝廞廡廢廧廩弒弔弳彃彄彆彎彔彙彠彫彲彿徠徹徿恆恥悅悞悵悶悽惡惱惲惻愜愨愴愷愻愾慄慍慘慚慟慤慪慫慳慺慼慾憊憒憖憚憢憤憫憮憲憶憸憹懀懇懌懍懎懞懟懣懤懨懲懶懸懺懼懾戇戔戧戩戱戶扞拋拚挩挱挾捨捫捱捲掄掆掗掙掚掛揀揮揯搗搧搵搶摋摐摑摜摟摯摳摶摺摻撈撊撏撐撓撝撟撣撥撧撳撻撾撿擄擊擋擓擟擠擡擣擫擯擰擱擲擴擷擺擻擼擽擾攄攆攋攏攔攖攙攛攜攢攣攪敎敓敗敘敵斂斅斆斕斬斸於旂旣昇晛暈暐暘暢暫曄曇曊曏曖曠曥曨朥朧朮枴柵柺査桱桿梔梖梘梜梟梲棊棖棗棡棧棲棶椏椲楇楓楨榘榦榪榲榿槓槤槧槨槫槮槳槶槼樅樑樞樠樢樤樧樫樳樿橈橫橯檁檉檜檟檣檭檮檯檳檵檸檻櫅櫍櫓櫚櫛櫝櫞櫟櫠櫧櫨櫪櫫櫬櫱櫳櫸欄欅欇欍欏欐欑欒欓欖欘欞欽歎歟歿殘殞殢殤殨殫殭殮殯殰殲殻殼毆毊毿氂氈氌氬氭氳氾汎決沒泝洩洶浹浿涇涗涼淒淚淥淩淪淵淶渙減渢測湊湋湞湧溈溝溡溮溳溼滄滌滎滸滻滾滿漊漍漚漣漲漵漿潁潑潕潙潚潣潯潰潷潿澅澆澇澐澠澦澩澫澬澮澾濄濆濘濚濛濜濧濫濺濼濿瀂瀃瀅瀆瀇瀉瀋瀕瀝瀟瀠瀦瀧瀨瀰瀲灃灄灍灑灒灕灙灡灤灧灩烴煇煒煢煩煬煱熂熅熉熌熒熓熗熚熡熰熲熾燀燁燉燖燙燜燬燴燶燻燼燾爃爄爇爍爖爛爥爧牀牘牴牽犖犛犞犢狹狽猌猙猻獁獃獄獊獩獪獫獮獰獱獵獷獸獺獼玀玁珼琱琺琿瑒瑣瑤瑩瑲瑻瑽璉璊璕璗璝璡璣璦璫璯璵璸璼璾璿瓄瓅瓏瓔瓕瓚瓛甌甕異畵畼疇疊痙痠痮痾瘂瘋瘍瘓瘞瘡瘧瘮瘱瘲瘺瘻癆癇癉癐癒癘癟癡癢癤癥癧癩癬癭癮癰癱癲皁皚皟皰皸盃盞盡盨盪眝眞眥睍睏睞瞘瞜瞞瞤瞭瞶瞼矇矉矑矓矚矯硃硜硤硨硯碕碙碭碸碽磑磠磣磧磯磽磾礄礎礐礒礪礫礬礮礱祕祿禍禕禡禦禪禰禱禿秈稏稜稟穇穌穠穡穢穫穭窯窵窶窺竅竇竈竊竚竪竱筍筧筴箇箋箏箚篋篔篘篠篢篤篩篳篸簀簂簍簑簞簢簣簫簹簾籅籋籌籔籙籛籜籟籠籤籩籪籬籮籲粵糉糝糞糰糲糴糶糹糺紂紃紆紇紈紉紓紕紖紗紘紜紝紞紟紬紮紱紲紳紵紺紼紿絀絁絃絅絆絍絎絙絛絝絞絡絢絥絧絪絰絳絶絹絺綀綁綃綄綆綇綈綋綌綎綏綐綑綖綜綝綞綟綡綢綣綧綪綫綬綯綰綳綴綵綸綹綺綻綽綾緄緇緋緍緑緓緔緗緘緙緝緞緟締緡緤緦編緩緬緮緰緱緲緶緷緸緹緻緼縈縉縊縋縍縎縐縑縕縗縛縝縞縟縧縬縭縯縰縲縳縴縵縶縷縸縹縺繂繃繅繆繈繏繐繒繓繕繚繟繢繨繫繬繭繮繯繰繳繶繷繸繹繻繽繾繿纁纆纇纈纊纍纏纓纔纕纖纗纘纚纜缽罃罈罌罎罵羆羈羋羥羨羵羶翫翬翹翽耬耮聳聵聶聹聻聾脅脈脛脣脥脩脫脹腎腖腡腪腫腳腸膃膕膞膢膩膹膾膿臉臍臏臗臘臚臠臢舘艙艣艤艫艱芻苧茲荊莖莢莧菕菴菸萇萊萴萵葒著葝葤葦葯葷蒍蒐蒓蒔蒕蒞蒭蒼蓀蓆蓧蓮蓯蓴蓽蔄蔔蔘蔞蔥蔦蔭蔯蔿蕁蕆蕎蕒蕓蕕蕘蕝蕢蕩蕪蕳蕷蕽薀薆薈薊薌薑薔薘薟薳薴薵薹薺藎藪藭藴藶藷藹藺蘀蘄蘆蘊蘚蘞蘟蘢蘺蘿虆虉處虜虯蛺蛻蜆蝀蝕蝟蝨蝸螄螞螢螮螻螿蟂蟄蟈蟎蟘蟜蟣蟬蟯蟳蟶蟻蠀蠁蠅蠆蠍蠐蠑蠔蠙蠟蠣蠦蠨蠱蠻蠾衊衕衚袞袷裊複褌褘褲褳褸褻襀襇襉襏襓襖襗襘襝襠襤襪襬襯襰襲襴襵覈覎覓覘覛覡覥覦覬覯覲覷覹覼覿觴觶觸訁訃訌訏訐訑訒訕訖訛訜訝訞訟訢訣訥訨訩訪訶註証詀詁詆詊詎詐詑詒詓詔詖詗詘詛詝詠詡詣詪詫詬詭詮詰詵詷詼詿誂誄誅誆誇誋誌誑誒誕誘誚誡誣誥誦誨誫説誳誴誶誷誹誺誼誾調諂諄諉請諍諏諑諒諓諗諛諜諝諞諟諡諢諣諤諥諦諫諭諯諰諱諲諳諴諶諷諺諼謁謂謄謅謆謉謊謎謏謐謔謖謗謚謠謡謨謫謬謭謯謱謳謸謹謾譁譂譅譆譊譎譏譑譓譖譙譚譞譟譨譫譭譯譴譸譾讅讋讌讎讒讕讖讜讞谿豎豔豵豶貍貓貗貙貞貟販貪貰貲貳貶貺貼貽賁賂賃賄賅賈賊賑賒賕賙賚賜賝賟賡賤賦賧賫賭賰賵賻賾贃贄贅贇贉贊贋贍贐贑贓贔贖贗贚贜赬趨趲跡踰踴蹌蹔蹕蹟蹠蹣蹤蹳蹺蹻躂躉躊躋躎躑躒躓躕躘躚躝躡躥躦躪軉軋軌軏軑軔軕軗軛軜軝軤軨軫軬軲軷軹軺軻軼軾軿輄輅輇輈輊輋輒輓輖輗輜輞輟輢輥輦輨輩輬輮輳輶輷輼輾輿轀轂轄轅轆轇轊轍轎轐轔轗轟轠轡轢轣轤辮辯違遡遱遲遶邇邐郟鄆鄒鄔鄖鄟鄩鄲鄳鄴鄶鄺酇酈醃醖醜醞醟醣醱醲醶釁釃釅釐釒釓釔釕釗釘釙釚釟釤釧釨釩釲釳釴釵釷釹釺釾釿鈀鈁鈃鈄鈅鈆鈇鈈鈉鈋鈍鈎鈐鈑鈒鈔鈖鈗鈛鈞鈠鈡鈣鈥鈧鈮鈯鈰鈲鈳鈴鈷鈸鈹鈺鈽鈾鈿鉀鉁鉆鉈鉉鉊鉋鉍鉑鉔鉕鉗鉚鉝鉞鉠鉢鉤鉥鉦鉧鉬鉭鉮鉳鉶鉷鉸鉺鉻鉽鉾鉿銁銂銃銈銊銍銏銑銓銖銚銛銜銠銣銥銦銨銩銪銫銬銱銶銹銻銼鋂鋃鋇鋉鋌鋏鋐鋗鋙鋝鋟鋠鋣鋤鋥鋦鋨鋩鋭鋮鋯鋱鋶鋹錀錁錂錆錇錈錏錒錕錘錙錚錛錜錝錞錟錠錡錤錥錨錩錮錯録錳錸錼錽鍀鍁鍃鍄鍅鍆鍇鍈鍉鍒鍔鍘鍚鍠鍤鍥鍩鍬鍭鍮鍰鍶鍺鍼鎄鎇鎈鎊鎌鎍鎓鎔鎘鎙鎚鎛鎝鎞鎡鎣鎦鎧鎩鎪鎬鎭鎯鎰鎲鎵鎶鎷鎸鎿鏃鏆鏇鏉鏌鏍鏏鏐鏑鏗鏘鏚鏜鏝鏞鏢鏤鏥鏦鏨鏰鏵鏷鏹鏺鏻鏾鐃鐄鐇鐈鐋鐍鐎鐏鐐鐒鐓鐔鐙鐝鐠鐥鐦鐧鐨鐩鐪鐫鐮鐯鐲鐶鐸鐺鐼鐽鐿鑀鑉鑊鑌鑑鑔鑕鑞鑠鑣鑥鑪鑭鑰鑱鑲鑴鑷鑹鑼鑾鑿钁钂閂閆閈閉閌閍閎閏閐閑間閔閗閝閞閡閤閥閨閫閬閭閲閵閶閹閻閼閽閾閿闃闇闈闉闋闌闍闐闑闒闓闔闕闖闞闠闡闢闤闥陘陞隉隑隕隤隮隯隱隻雋雛雞霑霢霣霼霽靂靄靆靉靝靦靧靨鞝鞦鞽鞾韁韃韆韉韌韍韙韚韛韜韝韞韠頂頃頇頊頍頎頏頑頒頔頜頠頡頤頦頫頮頰頲頴頵頷頸頹頽顂顃顅顎顒顓顔顗顙顢顣顥顫顬顰顱顳顴颭颮颯颰颱颳颶颷颸颺颻颼颾飀飆飈飋飠飢飣飥飦飩飪飫飭飱飴飵飶飼飽飿餃餄餈餉餌餎餏餑餒餓餔餕餖餗餚餛餜餞餡餦餧餪餫餬餭餱餳餵餶餷餸餺餼餾餿饁饃饅饈饉饊饋饌饑饒饗饘饜饞饟饠饢馯馴馹馼駁駃駉駊駎駑駒駓駔駘駙駚駝駞駟駡駢駤駧駩駪駫駭駰駱駶駸駻駼騁騂騃騄騅騉騊騌騍騏騑騔騖騙騚騜騝騞騟騠騤騧騪騫騭騮騱騴騵騶騷騸騻騼騾驀驁驂驃驄驊驋驌驍驎驏驓驙驚驛驤驥驦驨驪驫骯髏髒髕髖鬍鬖鬚鬠鬢鬨鬩鬮鬱鬹魎魘魛魟魢魥魦魨魴魵魷魺魽鮀鮁鮃鮄鮅鮆鮈鮊鮋鮍鮎鮐鮒鮓鮚鮜鮝鮞鮟鮠鮡鮣鮤鮦鮪鮫鮭鮯鮰鮳鮵鮶鮸鮺鮿鯀鯁鯄鯆鯇鯉鯊鯒鯔鯕鯖鯗鯛鯝鯞鯡鯢鯤鯧鯪鯫鯬鯰鯱鯴鯶鯷鯻鯽鯾鯿鰁鰂鰃鰆鰈鰉鰊鰋鰌鰍鰏鰐鰑鰒鰓鰕鰛鰜鰟鰠鰣鰤鰥鰦鰧鰨鰩鰫鰭鰮鰱鰲鰳鰵鰶鰷鰹鰺鰻鰼鰽鰾鱀鱂鱄鱅鱆鱇鱈鱉鱊鱒鱔鱖鱗鱘鱚鱝鱟鱠鱢鱣鱤鱧鱨鱭鱮鱯鱲鱷鱸鱺鳧鳩鳬鳲鳴鳶鳷鳼鳽鳾鴀鴃鴅鴆鴇鴉鴐鴒鴔鴕鴗鴛鴜鴝鴞鴟鴣鴥鴦鴮鴯鴰鴲鴳鴴鴷鴽鵁鵂鵃鵊鵏鵐鵑鵒鵓鵚鵜鵝鵟鵠鵡鵧鵩鵪鵫鵮鵯鵰鵲鵷鵾鶄鶇鶉鶊鶌鶒鶓鶖鶗鶘鶚鶠鶡鶥鶦鶩鶪鶬鶭鶯鶰鶱鶲鶹鶺鶻鶼鶿鷀鷁鷂鷄鷅鷉鷊鷐鷓鷔鷖鷗鷙鷚鷟鷣鷤鷥鷦鷨鷩鷫鷭鷯鷲鷳鷴鷷鷸鷺鷽鷿鸂鸇鸊鸋鸌鸏鸑鸕鸗鸘鸚鸛鸝鸞鹵鹹鹺鹼麨麩麪麫麬麯麲麳麴麷麼麽黌黲黶黷黽黿鼂鼉鼕鼴齎齏齔齕齗齘齙齜齟齠齣齦齧齩齪齬齭齮齯齰齲齴齶齷齼齾龎龑龓龕龭龯鿁鿓', '爱碍奥罢宝报贝备毕边变标宾并补财参仓厂长偿车陈称诚驰齿冲储传创纯词聪从达带贷单担当党导灯邓递点电钓东动独读锻对队顿夺额儿尔发范飞费纷奋丰风冯凤肤辐抚辅妇复负该盖赶刚纲钢个给龚巩贡构购顾关观馆惯广归规柜贵国过汉号贺红鸿后护沪华画话环还换焕辉汇会绘浑伙获货机积绩极级际济计记继纪驾坚监检简见舰鉴键剑渐将奖讲胶骄阶节结杰洁紧进劲经镜静竞旧举锯剧据觉军骏开凯颗课垦库块宽况亏矿兰蓝揽览劳乐类离里礼丽厉励历联连怜练链粮两辆辽疗邻临灵龄岭领刘浏龙楼卢庐炉陆录驴吕绿虑滤伦轮论罗逻马码买迈麦卖贸门梦弥绵庙灭铭谋亩纳难脑拟酿鸟宁浓农诺欧盘庞赔喷鹏频贫苹凭评颇扑铺朴谱齐骑岂启气弃铅迁签谦钱潜浅枪强桥乔亲轻氢庆琼穷区躯驱权劝确让热认荣绒软锐润赛伞丧扫涩杀晒闪陕伤赏烧绍设摄审渗声绳胜圣师湿诗时实识驶势饰视试适释寿书输属术树数帅双顺说硕丝松颂苏诉肃虽随岁孙损缩锁态摊坛谈叹汤涛腾题体条铁听厅头图涂团驮椭洼湾万网韦为维伟伪卫温闻稳问涡窝卧乌无务雾牺习系戏细虾峡侠厦鲜闲贤显险现线县献乡详响项萧销晓啸协谐写谢锌兴绣锈许续轩选学勋询寻训讯逊压鸭亚烟盐严颜艳验扬阳杨养样尧摇遥药爷业叶页医仪遗艺亿义议阴银饮应樱鹰营赢颖拥优忧邮游犹鱼渔余与屿语誉预驭园员圆缘远愿约阅跃云运韵杂灾载赞钻则责泽择赠闸债占战张帐账赵针侦诊镇阵征证郑职执纸质制帜滞终种众周轴骤猪诸烛嘱贮筑铸驻专砖转赚桩庄装壮状锥准渍资总纵组台灏玮铝铜钛锂镍锡缝纺织绣众启群铺为产产采厨昼晖澜滨滩泸晋狮钟钟发彦潍吨汇炼灿蚕斋赣鲁表镀链钨闽陇靓鸽面黄霉龟唛尘妈娇岚岩币帮厢弹径怀恋毙断历栋桦档橱欢毁污冲净卤涧淀浊争墙玛玺痹皱盗睁祯税秆谷窜笔篮纠纹纽绝统绪纬绕罚胆脏蒋萨荐虚虫只里订托讨误谁咨贯赖践较辑办辞回这径酱扣钮巨锋锦锅镁铲镭阁阔板隶韩须颠飘饭饼斗闹鲍鲸鹤𫝈㑔㑇㐹𠉂𪠟刾𪟎𪠵𠵾𪡛𠰱𪢌𫬐㘎𫝦㚯㛣𫝧𡞋𡞱𡝠𪨊𪩇㟆𫵷𪪑𢋈㤘𢛯𢗓𪫷𪮃𪮋㨫㧐擜𪯋𣘐𣗙𣳆𪷍𫞛𤆢𤈷𤎺𫞣𤠋𪺻𪼋𪽮𤻊𤽯𥁢𥅴𥇢䀥𥎝鿎𫀨𫀬𫁂𫁲𥬀𫂈𥮜𫁷𥺅䌶𫄚𫄜𫄞䌺䌻𫄩䌿䌾𫄮𦈓𦈖𦈘𦈜𦈟𦈞𦈠𦈙𫅅䍠𦍠𫅭䎬𬜯𫟕𦰴𫟑𫊪𧉞𫋲䙌𧜭𫌯𫍠𫍫䜧𫟢𫎧𧹕䞍𧹑𫎪𫎭𫎺𫎳𫎱𫏃𨅛𫟤𫟥𫟦𨑹𫟺𫠀䦂鿏𬭯𫔋𨱖𫔆䥾𨸄䦶䦷𫔵𨷿𨸟𫖅𩏼𩐀𩏿𫖫𫖬𫖱𫖰𫖲𩖗𫖺𫗇𫠈𫗊𩙮𩙯𩙧𫗟𩠇𩠈𫗱𫗰𩧭𫠊𩧰𩨁𩧿𩨇𫘮𩨏𩧪䯅𩩈鲃𫚐𫚏𩾈𫚠𩾊𩾋䲣𫠑䲝鳚𫚜𩾂鳤𪉂𫛬𫛰𫛮𫛺𫛼鹮𫜅𪎈𫜒𪎋𫜔𪑅𫜙𫜨𫜳丢干乱亘伫布并来仑侣局俣𠇹伣伡私伥俩俫们幸㑈㐽侧㐷伧家佣偬伛倾偻仅佥侨仆伪𫢸侥偾雇价俊侬侩俭傤傧俦侪尽𠆲𠋆俪㑩傩傥俨凶兑兖内册胄幂净冻𪞝凛别删刭克刹刬剥剐剀铲𠛅划札刽刿㓥剂㔉𠡠𪟝勚劢勋匀匦匮恤却即厍厕历厌厣叁丛咤吴呐呙𠯟呗𪠳念哑唡㖞唤吃哟呛啬唝吗呜唢𠮶哔𪡏喽啯呕啧尝哗𪡃唠叽𪡞哓呒𪡀啴恶𠯠嘘㖊咝𪡋哒哝哕嗳哙当咛吓哜尝噜啮𪠸咽呖𠰷咙向亸喾嘤𪢕啭嗫嚣𠱞冁呓啰苏𪢠囱囵围𪢮坝垭𫭢𪣆采垩垴𪣒埚场茔垲埘冢坞埙𫭟堑𪣻垫坠𫮃堕坛𪢸坟垯墙𡒄垱埙𡋤垒圹垆坛坏垄垅坜𪤚坝塆壶壸够夹奂奁奖姹妆姗奸𫰛娱娄𫝫娅𫝨娲妫㛀媪袅妪妩娴娴婳妫媭𫝬娆婵嫱嫒𪥰嬷𫝩嫔婴婶𪥿娘𫝮𫝭𪥫㛤娈𡠟𡥧𪧀孪宫采𪧘寝宠尴届尸屃屉屡层屦𪨗冈峰岘岛崃昆岗仑峥岽岁𡶴𫶇㟥嵝崭岖𡺃嵚崂𡺄峤峣峄峃崄嵘𫝵岳𪩎岿峦巅𪨷𪩘巯卺帧帏㡎帼帻𪩷𪩸帱并干几厕厩庼荫厮𫷷庑废𪪞廪弑吊弪𪪼𫸩别弯录汇彟雕彨佛徕彻𪫌恒耻悦悮怅闷凄恶恼恽恻惬悫怆恺𢙏忾栗愠惨惭恸悫怄怂悭㥪戚欲惫愦慭惮𢙒愤悯怃宪忆𪫺𢙐𢙓恳怿懔𢠁蒙怼懑㤽恹惩懒悬忏惧慑戆戋戗戬戯户捍抛拼捝挲挟舍扪挨卷抡㧏挜挣𪭵挂拣挥搄捣扇揾抢𢫬𪭢掴掼搂挚抠抟折掺捞𪭾挦撑挠㧑挢掸拨𪮖揿挞挝捡掳击挡㧟𪭧挤抬捣𢬍摈拧搁掷扩撷摆擞撸㧰扰摅撵𪮶拢拦撄搀撺携攒挛搅教敚败叙敌敛𢽾敩斓斩𣃁于旗既升𬀪晕𬀩旸畅暂晔昙𪰶向暧旷𣆐昽𦛨胧术拐栅拐查𣐕杆栀𪱷枧𬂩枭棁棋枨枣㭎栈栖梾桠㭏𣒌枫桢矩干杩榅桤杠梿椠椁𣏢椮桨椢椝枞梁枢𣗊㭤𣔌榝㭴桪椫桡横𣓿檩柽桧槚樯𣘴梼台槟𪲛柠槛𪲎𬃊橹榈栉椟橼栎𪲮槠栌枥橥榇蘖栊榉栏榉𪳍𣐤椤𪲔𪴙栾𣗋榄𣚚棂钦叹欤殁残殒𣨼殇㱮殚僵殓殡㱩歼壳壳殴𪵑毵牦毡氇氩𣱝氲泛泛决没溯泄汹浃𬇙泾涚凉凄泪渌凌沦渊涞涣减沨测凑𣲗浈涌沩沟𪶄浉涢湿沧涤荥浒浐滚满溇𬇹沤涟涨溆浆颍泼𣲘沩㴋𫞗浔溃滗涠𣶩浇涝沄渑滪泶𬇕𫞚浍㳠㳡𣸣泞溁蒙浕㳔滥溅泺𪵱澛𣽷滢渎㲿泻沈濒沥潇潆潴泷濑弥潋沣滠𫞝洒𪷽漓𣺼㳕滦滟滟烃𪸩炜茕烦炀㶽𪸕煴𤈶𤇄荧𤆡炝𤇹𤋏𬉼颎炽𬊤烨炖𬊈烫焖毁烩㶶熏烬焘𫞡𤇃𦶟烁𤇭烂𪹳𫞠床牍抵牵荦牦𪺭犊狭狈𪺽狰狲犸呆狱𪺷𤞃狯猃狝狞㺍猎犷兽獭猕猡𤞤𫞥雕珐珲玚琐瑶莹玱𪻲𪻐琏𫞩𬍤𬍡𪻺琎玑瑷珰㻅玙瑸𫞨𫞦璇𪻨𬍛珑璎𤦀瓒𤩽瓯瓮异画𪽈畴叠痉酸𪽪疴痖疯疡痪瘗疮疟瘆𪽷疭瘘瘘痨痫瘅𤶊愈疠瘪痴痒疖症疬癞癣瘿瘾痈瘫癫皂皑𤾀疱皲杯盏尽𪾔荡𪾣真眦𪾢困睐眍䁖瞒𥆧了瞆睑蒙𪾸𪾦眬瞩矫朱硁硖砗砚埼𥐻砀砜䂵硙硵碜碛矶硗䃅硚础𬒈𥐟砺砾矾𪿫砻秘禄祸祎祃御禅祢祷秃籼䅉棱禀䅟稣秾穑秽获穞窑窎窭窥窍窦灶窃𥩟竖𫁟笋笕䇲个笺筝札箧筼𥬠筿𬕂笃筛筚𥮾箦𫂆篓蓑箪𫂃篑箫筜帘𥫣𥬞筹䉤箓篯箨籁笼签笾簖篱箩吁粤粽糁粪团粝籴粜纟𫄙纣𬘓纡纥纨纫纾纰纼纱纮纭纴𬘘𫄛䌷扎绂绁绅纻绀绋绐绌𫄟弦䌹绊𫟃绗𫄠绦绔绞络绚𫄢𫄡𬘡绖绛绝绢𫄨𦈌绑绡𬘫绠𦈋绨𫟄绤𬘩绥䌼捆𫄧综𬘭缍𫄫𫟅绸绻𬘯𬘬线绶绹绾绷缀彩纶绺绮绽绰绫绲缁绯𦈏绿绬绱缃缄缂缉缎𫟆缔缗𫄬缌编缓缅𫄭𦈕缑缈缏𦈉𦈑缇致缊萦缙缢缒𫄰𦈔绉缣缊缞缚缜缟缛绦𦈚缡𬙂𫄳缧䌸纤缦絷缕𫄲缥𦈐𫄴绷缫缪𫄶𦈝𰬸缯𦈛缮缭𦈎缋𫄤系𫄱茧缰缳缲缴𫄷𫄣䍁绎𦈡缤缱䍀𫄸𬙊颣缬纩累缠缨才𬙋纤𫄹缵𫄥缆钵䓨坛罂坛骂罴羁芈羟羡𫅗膻玩翚翘翙耧耢耸聩聂聍𫆏聋胁脉胫唇𣍰修脱胀肾胨脶𣍯肿脚肠腽腘䏝𦝼腻𪱥脍脓脸脐膑𣎑腊胪脔臜馆舱𫇛舣舻艰刍苎兹荆茎荚苋𰰨庵烟苌莱荝莴荭着𫈎荮苇药荤𫇭搜莼莳蒀莅𫇴苍荪席𦰏莲苁莼荜𬜬卜参蒌葱茑荫𫈟𫇭荨蒇荞荬芸莸荛𫈵蒉荡芜𫈉蓣𫇽蕰𫉁荟蓟芗姜蔷荙莶䓕苎䓓苔荠荩薮䓖蕴苈𫉄蔼蔺萚蕲芦蕴藓蔹𦻕茏蓠萝蔂𬟁处虏虬蛱蜕蚬𬟽蚀猬虱蜗蛳蚂萤䗖蝼螀𫋇蛰蝈螨𫋌𫊸虮蝉蛲𫊻蛏蚁𧏗蚃蝇虿蝎蛴蝾蚝𧏖蜡蛎𫊮蟏蛊蛮𧑏蔑同胡衮夹袅复裈袆裤裢褛亵𫌀裥裥袯𫋹袄𫋷𫋻裣裆褴袜摆衬𧝝袭襕𫌇核觃觅觇𫌪觋觍觎觊觏觐觑𫌭𫌨觌觞觯触讠讣讧𬣙讦𫍙讱讪讫讹𫍛讶𫍚讼䜣诀讷𫟞讻访诃注证𧮪诂诋𫟟讵诈𫍡诒𫍜诏诐诇诎诅𬣞咏诩诣𬣳诧诟诡诠诘诜𫍣诙诖𫍥诔诛诓夸𫍪志诳诶诞诱诮诫诬诰诵诲𫍨说𫍮𫟡谇𫍬诽𫍧谊訚调谄谆诿请诤诹诼谅𬣡谂谀谍谞谝𬤊谥诨𫍩谔𫍳谛谏谕𫍱𫍰讳𬤇谙𫍯谌讽谚谖谒谓誊诌𫍸𫍷谎谜𫍲谧谑谡谤谥谣谣谟谪谬谫𫍹𫍴讴𫍵谨谩哗𫟠𰶎𫍻𫍢谲讥𫍤𬤝谮谯谭𫍽噪𫍦谵毁译谴诪谫谉詟䜩雠谗谰谶谠谳溪竖艳𫎆豮狸猫𫎌䝙贞贠贩贪贳赀贰贬贶贴贻贲赂赁贿赅贾贼赈赊赇赒赉赐𫎩𧹖赓贱赋赕赍赌䞐赗赙赜𧹗贽赘赟𫎫赞赝赡赆𫎬赃赑赎赝𫎦赃赪趋趱迹逾踊跄𫏐跸迹跖蹒踪𫏆跷𫏋跶趸踌跻䟢踯跞踬蹰𨀁跹𨅬蹑蹿躜躏𨉗轧轨𫐄轪轫𫐅𨐅轭𫐇𬨂轷𫐉轸𫐊轱𫐈轵轺轲轶轼𫐌𨐈辂辁辀轾𪨶辄挽𫐏𫐐辎辋辍𫐎辊辇𫐑辈辌𫐓辏𬨎𫐒辒辗舆辒毂辖辕辘𫐖𫐕辙轿𫐗辚𫐘轰𫐙辔轹𫐆轳辫辩违溯𫐷迟绕迩逦郏郓邹邬郧𫑘𬩽郸𫑡邺郐邝酂郦腌酝丑酝蒏糖酦𬪩𫑷衅酾酽厘钅钆钇钌钊钉钋𫟲𫓥钐钏𫓦钒𫟳𨰿𬬩钗钍钕钎䥺𬬱钯钫钘钭钥𫓪𫓧钚钠𨱂钝钩钤钣钑钞𫟴𫟵𫓨钧𨱁钟钙钬钪铌𨱄铈𨱃钶铃钴钹铍钰钸铀钿钾𨱅钻铊铉𬬿铇铋铂𫓬钷钳铆𫟷钺𫓭钵钩𬬸钲𬭁钼钽𬬹锫铏𫟹铰铒铬𫟸𫓴铪𫓲𫟻铳𫓯𫓰铚𫟶铣铨铢铫铦衔铑铷铱铟铵铥铕铯铐铞𨱇锈锑锉𰾄锒钡𨱈铤铗𬭎𫓶铻锊锓𫓵铘锄锃锔锇铓锐铖锆铽锍𬬮𬬭锞𨱋锖锫锩铔锕锟锤锱铮锛𫓻𫓽𬭚锬锭锜𫓹𫓾锚锠锢错录锰铼镎𫓸锝锨锪𨱉钫钔锴锳𫔂𫔄锷铡钖锽锸锲锘锹𬭤𨱎锾锶锗针锿镅𫟿镑镰𫔅𬭩镕镉𫔈锤镈𨱏𫔇镃蓥镏铠铩锼镐镇𨱍镒镋镓鿔𨰾镌镎镞𨱌旋𨱒镆镙𬭬镠镝铿锵𬭭镗镘镛镖镂𫔊𫓩錾镚铧镤镪䥽𬭸𫔌铙𨱑𫔍𫓱铴𫔎𨱓𨱔镣铹镦镡镫镢镨䦅锎锏镄𬭼𫓺镌镰䦃镯镮铎铛𫔁𫟼镱𰾭𫠁镬镔鉴镲锧镴铄镳镥𬬻镧钥镵镶𫔔镊镩锣銮凿镢镋闩闫闬闭闶𨸂闳闰𨸃闲间闵𫔯𫠂𫔰阂合阀闺阃阆闾阅𫔴阊阉阎阏阍阈阌阒暗闱𬮱阕阑阇阗𫔶阘闿阖阙闯阚阓阐辟阛闼陉升陧𬮿陨𬯎𬯀陦隐只隽雏鸡沾霡𫕥𪵣霁雳霭叇叆靔腼𫖃靥绱秋鞒𫖇缰鞑千鞯韧韨韪𫠅𫖔韬鞲韫𫖒顶顷顸顼𫠆颀颃顽颁𬱖颌𬱟颉颐颏𫖯颒颊颋颕𫖳颔颈颓颓𩓋𩖖𫖶颚颙颛颜𫖮颡颟𫖹颢颤颥颦颅颞颧飐飑飒𩙥台刮飓𩙪飔飏飖飕𩙫飗飙飚𫗋饣饥饤饦𫗞饨饪饫饬飧饴𫗢𫗣饲饱饳饺饸糍饷饵饹饻饽馁饿𫗦馂饾𫗧肴馄馃饯馅𫗠𫗪𫗬𫗥糊𫗮糇饧喂馉馇𩠌馎饩馏馊馌馍馒馐馑馓馈馔饥饶飨𫗴餍馋𫗵𫗩馕𫘛驯驲𫘜驳𫘝𬳶𫘟𩧨驽驹𬳵驵骀驸𩧫驼𫘞驷骂骈𫘠𩧲𩧴𬳽𫘡骇骃骆𩧺骎𫘣𬳿骋骍𫘤𫘧骓𫘥𫘦骔骒骐𬴂𩨀骛骗𩨊𫘩𩨃𬴃𩨈𫘨骙䯄𩨄骞骘骝𫘬𫘫𫘪驺骚骟𫘭𫠋骡蓦骜骖骠骢骅𩧯骕骁𬴊骣𫘯𫘰惊驿骧骥骦𫘱骊骉肮髅脏髌髋胡𩭹须𫘽鬓哄阋阄郁鬶魉魇鱽𫚉鱾𩽹𫚌鲀鲂𫚍鱿鲄𫠐𬶍鲅鲆𫚒𫚑𫚖𬶋鲌鲉鲏鲇鲐鲋鲊鲒鲘鲞鲕𩽾𬶏𬶐䲟𫚓鲖鲔鲛鲑𫚗𫚔鲓𫚛鲪𩾃鲝𫚚鲧鲠𩾁𫚙鲩鲤鲨鲬鲻鲯鲭鲞鲷鲴𫚡鲱鲵鲲鲳鲮鲰𫚞鲶𩾇鲺𩽼鳀𬶟鲫𫚣鳊鳈鲗鳂䲠鲽鳇𬶠𫚢䲡鳅鲾鳄𫚊鳆鳃𫚥鳁鳒鳑鳋鲥𫚕鳏𫚤䲢鳎鳐𫚦鳍鳁鲢鳌鳓鳘𬶭鲦鲣鲹鳗鳛𫚧鳔𬶨鳉𫚋鳙𫠒𩾌鳕鳖𫚪鳟鳝鳜鳞鲟𬶮鲼鲎鲙𫚫鳣鳡鳢鲿鲚𫚈鳠𫚭鳄鲈鲡凫鸠凫鸤鸣鸢𫛛𪉃𫛚䴓𫛜𫛞𫛝鸩鸨鸦𫛤鸰𫛡鸵𫁡鸳𪉈鸲鸮鸱鸪𫛣鸯𫛦鸸鸹𪉆𫛩鸻䴕𫛪䴔鸺鸼𫛥𬷕鹀鹃鹆鹁𪉍鹈鹅𫛭鹄鹉𫛨𫛳鹌𫛱鹐鹎雕鹊鹓鹍䴖鸫鹑鹒𫛵𫛶鹋鹙𫛸鹕鹗𬸘鹖鹛𫛷鹜䴗鸧𫛯莺𫛫𬸣鹟鹠鹡鹘鹣鹚鹚鹢鹞鸡𫛽䴘鹝𫜀鹧𪉑鹥鸥鸷鹨𬸦𫜃𫛴鸶鹪𪉊𫜁鹔𬸪鹩鹫鹇鹇𫜄鹬鹭鸴𬸯㶉鹯䴙𫛢鹱鹲𬸚鸬𫛟鹴鹦鹳鹂鸾卤咸鹾碱𪎊麸面面𤿲曲𪎉𪎌曲𫜑么么黉黪黡黩黾鼋鼌鼍冬鼹赍齑龀龁龂𬹼龅龇龃龆出龈啮𫜪龊龉𫜭𬺈𫠜𫜬龋𫜮腭龌𬺓𫜰厐䶮𫜲龛𩨎𨱆䜤鿒') ELSE name END
$$;

-- Readings of characters and phrases; 0001_initial fills it.
CREATE TABLE registry_reading (text text COLLATE "C" PRIMARY KEY, start text COLLATE "C" NOT NULL, pinyin text NOT NULL);

-- The rules are those of registry.values.pinyin.pinyin_key; a test compares the two.
CREATE FUNCTION registry_pinyin(name text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE STRICT
AS $$
DECLARE
    rest text := name;
    words text := '';
    part text;
    known record;
BEGIN
    WHILE rest <> '' LOOP
        part := substring(rest FROM '^[^\u3007\ue815-\ue864\ufa18\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002A6DF\U0002A703-\U0002B73F\U0002B740-\U0002B81D\U0002B825-\U0002BF6E\U0002C029-\U0002CE93\U0002D016\U0002D11B-\U0002EBD9\U0002F80A-\U0002FA1F\U00030000-\U0003134A\U000300F7-\U00031288\U00030EDD\U00030EDE\U00031350-\U00032389]+');
        IF part IS NOT NULL THEN
            words := words || ' ' || regexp_replace(part, '[^[:alnum:] ]', '', 'g');
        ELSE
            SELECT text, pinyin INTO known FROM registry_reading
            WHERE start IN (left(rest, 2), left(rest, 1)) AND starts_with(rest, text) ORDER BY length(text) DESC LIMIT 1;
            part := coalesce(known.text, left(rest, 1));
            words := words || ' ' || coalesce(known.pinyin, part);
        END IF;
        rest := substr(rest, length(part) + 1);
    END LOOP;
    RETURN btrim(regexp_replace(lower(words), ' +', ' ', 'g'));
END
$$;

-- Pairs of Chinese characters, words, pairs of syllables (zhong-shan-), threes of initials (=zss), each text cut once from
-- its beginning and again from each further sign. The last of each stands alone, so that a query of one finds it as the
-- beginning of a token. Pairs over the end of a name are of no use and do no harm.
CREATE FUNCTION registry_search_tokens(names text, words text, pinyin text, initials text)
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $$
DECLARE
    chinese text := regexp_replace(names, '[^\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff]+', '', 'g');
    syllables text := translate(pinyin, E'\n', '') || ' ';
    letters text := translate(initials, E'\n', '');
    pair text := '[^ ]* [^ ]* ';
BEGIN
    RETURN (
        regexp_replace(chinese, '..', '\& ', 'g') || ' ' ||
        regexp_replace(substr(chinese, 2), '..', '\& ', 'g') || ' ' ||
        words || ' ' ||
        translate(regexp_replace(substr(syllables, 2), pair, '\&|', 'g'), ' |', '- ') || ' ' ||
        translate(
            regexp_replace(substr(syllables, strpos(substr(syllables, 2), ' ') + 2), pair, '\&|', 'g'), ' |', '- '
        ) || ' ' ||
        regexp_replace(letters, '.{1,3}', '=\& ', 'g') ||
        regexp_replace(substr(letters, 2), '.{1,3}', '=\& ', 'g') ||
        regexp_replace(substr(letters, 3), '.{1,3}', '=\& ', 'g')
    )::tsvector;
END
$$;

-- Keys by which records are found whose names resemble a given one. A record of 14 keys is found by each of them alone, so
-- one character that is wrong, missing, too many or swapped leaves keys that still fit (ADR 0017).
--
-- Names and pinyin are columns of registry_searchentry: the Chinese name, the English one and the short one a line each, a
-- line with a tab, then the other names; the pinyin of the Chinese name and of the other ones a line each. Each key begins
-- with a letter for its kind: c what stands behind the place but for one character, b its beginnings, y pinyin, w words and
-- pairs of words of Latin names, a initials. The words are those of registry.matching.vocabulary.
CREATE FUNCTION registry_match_keys(names text, pinyin text)
 RETURNS bigint[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT COST 10000
AS $$
DECLARE
    lines text[] := string_to_array(names, E'\n');
    spoken text[] := string_to_array(pinyin, E'\n');
    keys bigint[] := '{}';
    line text;
    place text;
    town text;
    core text;
    start text;
    reading text;
    word text;
    before text;
    letters text;
    initials text;
    whole_initials text;
    place_initials text;
    cut integer;
BEGIN
    FOR i IN 2 .. cardinality(lines) LOOP
        line := lines[i];
        CONTINUE WHEN line IN ('', E'\t');
        IF line ~ '[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff]' THEN
            place := substring(line FROM '^(?:(?:内蒙古|黑龙江|上海|中国|云南|北京|台湾|吉林|四川|天津|宁夏|安徽|山东|山西|广东|广西|新疆|江苏|江西|河北|河南|浙江|海南|湖北|湖南|澳门|甘肃|福建|西藏|贵州|辽宁|重庆|陕西|青海|香港)(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?)?(?:(?:乌兰察布|乌鲁木齐|克拉玛依|呼伦贝尔|呼和浩特|巴彦淖尔|鄂尔多斯|齐齐哈尔|七台河|三门峡|佳木斯|六盘水|双鸭山|吐鲁番|哈尔滨|嘉峪关|平顶山|张家口|张家界|攀枝花|日喀则|景德镇|牡丹江|石嘴山|石家庄|石河子|秦皇岛|葫芦岛|连云港|防城港|马鞍山|驻马店|三亚|三明|三沙|上饶|东莞|东营|中卫|中山|临汾|临沂|临沧|丹东|丽水|丽江|义乌|乌海|乐山|九江|云浮|亳州|伊春|佛山|保定|保山|信阳|儋州|六安|兰州|内江|包头|北海|十堰|南京|南充|南宁|南平|南昌|南通|南阳|厦门|台中|台北|台南|台州|合肥|吉安|吕梁|吴忠|周口|咸宁|咸阳|哈密|唐山|商丘|商洛|嘉兴|四平|固原|大同|大庆|大理|大连|天水|太原|威海|娄底|孝感|宁德|宁波|安庆|安康|安阳|安顺|定西|宜宾|宜昌|宜春|宝鸡|宣城|宿州|宿迁|岳阳|崇左|巴中|常州|常德|平凉|广元|广安|广州|庆阳|廊坊|延安|延边|开封|张掖|徐州|德州|德阳|忻州|怀化|恩施|惠州|成都|扬州|承德|抚州|抚顺|拉萨|揭阳|新乡|新余|新竹|无锡|日照|昆山|昆明|昭通|晋中|晋城|普洱|曲靖|朔州|朝阳|本溪|来宾|杭州|松原|枣庄|柳州|株洲|桂林|梅州|梧州|榆林|武威|武汉|毕节|永州|汉中|汕头|汕尾|江门|池州|沈阳|沧州|河池|河源|泉州|泰安|泰州|泸州|洛阳|济南|济宁|海东|海口|淄博|淮北|淮南|淮安|深圳|清远|温州|渭南|湖州|湘潭|湘西|湛江|滁州|滨州|漯河|漳州|潍坊|潮州|濮阳|烟台|焦作|玉林|玉溪|珠海|白城|白山|白银|百色|益阳|盐城|盘锦|眉山|福州|绍兴|绥化|绵阳|聊城|肇庆|自贡|舟山|芜湖|苏州|茂名|荆州|荆门|莆田|菏泽|萍乡|营口|蚌埠|衡水|衡阳|衢州|襄阳|西宁|西安|许昌|贵港|贵阳|贺州|资阳|赣州|赤峰|辽源|辽阳|达州|运城|通化|通辽|遂宁|遵义|邢台|邯郸|邵阳|郑州|郴州|鄂州|酒泉|金华|金昌|钦州|铁岭|铜仁|铜川|铜陵|银川|锦州|镇江|长春|长沙|长治|阜新|阜阳|阳江|阳泉|陇南|随州|雅安|青岛|鞍山|韶关|顺德|高雄|鸡西|鹤壁|鹤岗|鹰潭|黄冈|黄山|黄石|黑河|龙岩)市?)?');
            IF length(line) < length(place) + 2 THEN
                place := '';
            END IF;
            core := substr(line, length(place) + 1);
            IF strpos(core, '(') > 0 THEN
                core := regexp_replace(core, '\((?:乌兰察布|乌鲁木齐|克拉玛依|呼伦贝尔|呼和浩特|巴彦淖尔|鄂尔多斯|齐齐哈尔|七台河|三门峡|佳木斯|六盘水|内蒙古|双鸭山|吐鲁番|哈尔滨|嘉峪关|平顶山|张家口|张家界|攀枝花|日喀则|景德镇|牡丹江|石嘴山|石家庄|石河子|秦皇岛|葫芦岛|连云港|防城港|马鞍山|驻马店|黑龙江|三亚|三明|三沙|上海|上饶|东莞|东营|中卫|中国|中山|临汾|临沂|临沧|丹东|丽水|丽江|义乌|乌海|乐山|九江|云南|云浮|亳州|伊春|佛山|保定|保山|信阳|儋州|六安|兰州|内江|包头|北京|北海|十堰|南京|南充|南宁|南平|南昌|南通|南阳|厦门|台中|台北|台南|台州|台湾|合肥|吉安|吉林|吕梁|吴忠|周口|咸宁|咸阳|哈密|唐山|商丘|商洛|嘉兴|四川|四平|固原|大同|大庆|大理|大连|天水|天津|太原|威海|娄底|孝感|宁夏|宁德|宁波|安庆|安康|安徽|安阳|安顺|定西|宜宾|宜昌|宜春|宝鸡|宣城|宿州|宿迁|山东|山西|岳阳|崇左|巴中|常州|常德|平凉|广东|广元|广安|广州|广西|庆阳|廊坊|延安|延边|开封|张掖|徐州|德州|德阳|忻州|怀化|恩施|惠州|成都|扬州|承德|抚州|抚顺|拉萨|揭阳|新乡|新余|新疆|新竹|无锡|日照|昆山|昆明|昭通|晋中|晋城|普洱|曲靖|朔州|朝阳|本溪|来宾|杭州|松原|枣庄|柳州|株洲|桂林|梅州|梧州|榆林|武威|武汉|毕节|永州|汉中|汕头|汕尾|江苏|江西|江门|池州|沈阳|沧州|河北|河南|河池|河源|泉州|泰安|泰州|泸州|洛阳|济南|济宁|浙江|海东|海南|海口|淄博|淮北|淮南|淮安|深圳|清远|温州|渭南|湖北|湖南|湖州|湘潭|湘西|湛江|滁州|滨州|漯河|漳州|潍坊|潮州|澳门|濮阳|烟台|焦作|玉林|玉溪|珠海|甘肃|白城|白山|白银|百色|益阳|盐城|盘锦|眉山|福州|福建|绍兴|绥化|绵阳|聊城|肇庆|自贡|舟山|芜湖|苏州|茂名|荆州|荆门|莆田|菏泽|萍乡|营口|蚌埠|衡水|衡阳|衢州|襄阳|西宁|西安|西藏|许昌|贵州|贵港|贵阳|贺州|资阳|赣州|赤峰|辽宁|辽源|辽阳|达州|运城|通化|通辽|遂宁|遵义|邢台|邯郸|邵阳|郑州|郴州|鄂州|酒泉|重庆|金华|金昌|钦州|铁岭|铜仁|铜川|铜陵|银川|锦州|镇江|长春|长沙|长治|阜新|阜阳|阳江|阳泉|陇南|陕西|随州|雅安|青岛|青海|鞍山|韶关|顺德|香港|高雄|鸡西|鹤壁|鹤岗|鹰潭|黄冈|黄山|黄石|黑河|龙岩)(?:省|市)?\)', '');
            END IF;
            core := translate(core, '().,-·&''"’“” ', '');
            cut := strpos(core, '公司');
            IF cut > 2 THEN
                core := regexp_replace(left(core, cut - 1), '(?:股份|集团|有限|责任|总)+$', '');
            END IF;
            reading := translate(CASE WHEN i = 2 THEN spoken[1] WHEN i > 5 THEN spoken[i - 4] END, 'v', 'u');
            IF reading IS NOT NULL THEN
                IF place <> '' THEN
                    reading := regexp_replace(reading, '^(?: [^ ]+){' || length(place) || '}', '');
                END IF;
                cut := strpos(reading, ' gong si');
                IF cut > 0 THEN
                    reading := regexp_replace(left(reading, cut - 1), '(?: gu fen| ji tuan| you xian| ze ren| zong)+$', '');
                END IF;
            END IF;
            -- A mistyped town is none: a name that has one is found with it, too.
            town := substring(core FROM '^(?:(?:火炬开发区|翠亨新区|中山港|五桂山|三乡|三角|东凤|东区|东升|南区|南头|南朗|古镇|坦洲|大涌|小榄|板芙|横栏|民众|沙溪|港口|火炬|石岐|神湾|翠亨|西区|阜沙|黄圃)(?:镇|街道|区)?)?');
            IF town <> '' AND length(core) > length(town) + 1 THEN
                start := left(core, 7);
                keys := keys || ARRAY[hashtextextended('c' || start, 0), hashtextextended('c' || left(start, 0) || substr(start, 2), 0), hashtextextended('c' || left(start, 1) || substr(start, 3), 0), hashtextextended('c' || left(start, 2) || substr(start, 4), 0), hashtextextended('c' || left(start, 3) || substr(start, 5), 0), hashtextextended('c' || left(start, 4) || substr(start, 6), 0), hashtextextended('c' || left(start, 5) || substr(start, 7), 0), hashtextextended('c' || left(start, 6) || substr(start, 8), 0)];
                core := substr(core, length(town) + 1);
                IF reading IS NOT NULL THEN
                    keys := keys || hashtextextended('y' || replace(reading, ' ', ''), 0);
                    reading := regexp_replace(reading, '^(?: [^ ]+){' || length(town) || '}', '');
                END IF;
            END IF;
            start := left(core, 7);
            keys := keys || ARRAY[
                hashtextextended('c' || start, 0), hashtextextended('b' || left(core, 2), 0), hashtextextended('b' || left(core, 3), 0), hashtextextended('b' || left(core, 4), 0)
            ];
            IF length(start) > 2 THEN
                keys := keys || ARRAY[hashtextextended('c' || left(start, 0) || substr(start, 2), 0), hashtextextended('c' || left(start, 1) || substr(start, 3), 0), hashtextextended('c' || left(start, 2) || substr(start, 4), 0), hashtextextended('c' || left(start, 3) || substr(start, 5), 0), hashtextextended('c' || left(start, 4) || substr(start, 6), 0), hashtextextended('c' || left(start, 5) || substr(start, 7), 0), hashtextextended('c' || left(start, 6) || substr(start, 8), 0)];
            END IF;
            IF reading IS NOT NULL THEN
                keys := keys || ARRAY[
                    hashtextextended('y' || replace(reading, ' ', ''), 0),
                    hashtextextended('y' || replace(substring(reading FROM '^(?: [^ ]+){3}'), ' ', ''), 0),
                    hashtextextended('y' || replace(substring(reading FROM '^(?: [^ ]+){4}'), ' ', ''), 0)
                ];
            END IF;
        ELSE
            before := NULL;
            letters := '';
            initials := '';
            whole_initials := '';
            place_initials := '';
            line := regexp_replace(translate(line, 'āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüâäãåçêëîïñôöõûýÿ''', 'aaaaeeeeiiiioooouuuuuuuuuaaaaceeiinooouyy'), '[^[:alnum:]]+', ' ', 'g');
            FOREACH word IN ARRAY string_to_array(line, ' ') LOOP
                CONTINUE WHEN word IN ('', 'of', 'and', 'the', 'for', 'in', 'at', 'to');
                whole_initials := whole_initials || left(word, 1);
                CONTINUE WHEN word = ANY ('{ab,ag,and,aps,as,at,bhd,bv,co,company,corp,corporation,for,gmbh,group,holding,holdings,in,inc,incorporated,jsc,kg,kk,limited,llc,llp,lp,ltd,nv,of,ooo,oy,oyj,pjsc,plc,pte,pty,sa,sarl,sas,sdn,spa,srl,the,to}'::text[]);
                initials := initials || left(word, 1);
                place_initials := place_initials || coalesce('{"zhongshan": "zs", "hong": "h", "kong": "k", "hongkong": "hk", "macau": "m", "macao": "m", "tibet": "t", "peking": "p", "chekiang": "c", "canton": "c", "tientsin": "t", "amoy": "a", "japan": "j", "korea": "k", "india": "i", "singapore": "s", "usa": "u", "us": "u", "uk": "u", "france": "f", "germany": "g", "canada": "c", "italy": "i", "netherlands": "n", "switzerland": "s", "sweden": "s", "israel": "i", "australia": "a", "beijing": "bj", "tianjin": "tj", "hebei": "hb", "shanxi": "sx", "liaoning": "ln", "jilin": "jl", "heilongjiang": "hlj", "shanghai": "sh", "jiangsu": "js", "zhejiang": "zj", "anhui": "ah", "fujian": "fj", "jiangxi": "jx", "shandong": "sd", "henan": "hn", "hubei": "hb", "hunan": "hn", "guangdong": "gd", "guangxi": "gx", "hainan": "hn", "chongqing": "cq", "sichuan": "sc", "guizhou": "gz", "yunnan": "yn", "xizang": "xz", "shaanxi": "sx", "gansu": "gs", "qinghai": "qh", "ningxia": "nx", "xinjiang": "xj", "taiwan": "tw", "shijiazhuang": "sjz", "tangshan": "ts", "qinhuangdao": "qhd", "handan": "hd", "xingtai": "xt", "baoding": "bd", "zhangjiakou": "zjk", "chengde": "cd", "cangzhou": "cz", "langfang": "lf", "hengshui": "hs", "taiyuan": "ty", "datong": "dt", "yangquan": "yq", "changzhi": "cz", "jincheng": "jc", "shuozhou": "sz", "jinzhong": "jz", "yuncheng": "yc", "xinzhou": "xz", "linfen": "lf", "lvliang": "ll", "hohhot": "h", "baotou": "bt", "wuhai": "wh", "chifeng": "cf", "tongliao": "tl", "ordos": "o", "hulunbeier": "hlbe", "bayannaoer": "byne", "wulanchabu": "wlcb", "shenyang": "sy", "dalian": "dl", "anshan": "as", "fushun": "fs", "benxi": "bx", "dandong": "dd", "jinzhou": "jz", "yingkou": "yk", "fuxin": "fx", "liaoyang": "ly", "panjin": "pj", "tieling": "tl", "zhaoyang": "zy", "huludao": "hld", "changchun": "cc", "siping": "sp", "liaoyuan": "ly", "tonghua": "th", "baishan": "bs", "songyuan": "sy", "baicheng": "bc", "yanbian": "yb", "harbin": "hb", "qiqihar": "qqh", "jixi": "jx", "hegang": "hg", "shuangyashan": "sys", "daqing": "dq", "yichun": "yc", "jiamusi": "jms", "qitaihe": "qth", "mudanjiang": "mdj", "heihe": "hh", "suihua": "sh", "nanjing": "nj", "wuxi": "wx", "xuzhou": "xz", "changzhou": "cz", "suzhou": "sz", "nantong": "nt", "lianyungang": "lyg", "huaian": "ha", "yancheng": "yc", "yangzhou": "yz", "zhenjiang": "zj", "taizhou": "tz", "suqian": "sq", "kunshan": "ks", "hangzhou": "hz", "ningbo": "nb", "wenzhou": "wz", "jiaxing": "jx", "huzhou": "hz", "shaoxing": "sx", "jinhua": "jh", "quzhou": "qz", "zhoushan": "zs", "lishui": "ls", "yiwu": "yw", "hefei": "hf", "wuhu": "wh", "bengbu": "bb", "huainan": "hn", "maanshan": "mas", "huaibei": "hb", "tongling": "tl", "anqing": "aq", "huangshan": "hs", "chuzhou": "cz", "fuyang": "fy", "luan": "la", "bozhou": "bz", "chizhou": "cz", "xuancheng": "xc", "fuzhou": "fz", "xiamen": "xm", "putian": "pt", "sanming": "sm", "quanzhou": "qz", "zhangzhou": "zz", "nanping": "np", "longyan": "ly", "ningde": "nd", "nanchang": "nc", "jingdezhen": "jdz", "pingxiang": "px", "jiujiang": "jj", "xinyu": "xy", "yingtan": "yt", "ganzhou": "gz", "jian": "ja", "shangrao": "sr", "jinan": "jn", "qingdao": "qd", "zibo": "zb", "zaozhuang": "zz", "dongying": "dy", "yantai": "yt", "weifang": "wf", "jining": "jn", "taian": "ta", "weihai": "wh", "rizhao": "rz", "linyi": "ly", "dezhou": "dz", "liaocheng": "lc", "binzhou": "bz", "heze": "hz", "zhengzhou": "zz", "kaifeng": "kf", "luoyang": "ly", "pingdingshan": "pds", "anyang": "ay", "hebi": "hb", "xinxiang": "xx", "jiaozuo": "jz", "puyang": "py", "xuchang": "xc", "tahe": "th", "sanmenxia": "smx", "nanyang": "ny", "shangqiu": "sq", "xinyang": "xy", "zhoukou": "zk", "zhumadian": "zmd", "wuhan": "wh", "huangshi": "hs", "shiyan": "sy", "yichang": "yc", "xiangyang": "xy", "ezhou": "ez", "jingmen": "jm", "xiaogan": "xg", "jingzhou": "jz", "huanggang": "hg", "xianning": "xn", "suizhou": "sz", "enshi": "es", "changsha": "cs", "zhuzhou": "zz", "xiangtan": "xt", "hengyang": "hy", "shaoyang": "sy", "yueyang": "yy", "changde": "cd", "zhangjiajie": "zjj", "yiyang": "yy", "chenzhou": "cz", "yongzhou": "yz", "huaihua": "hh", "loudi": "ld", "xiangxi": "xx", "guangzhou": "gz", "shaoguan": "sg", "shenzhen": "sz", "zhuhai": "zh", "shantou": "st", "foshan": "fs", "jiangmen": "jm", "zhanjiang": "zj", "maoming": "mm", "zhaoqing": "zq", "huizhou": "hz", "meizhou": "mz", "shanwei": "sw", "heyuan": "hy", "yangjiang": "yj", "qingyuan": "qy", "dongguan": "dg", "chaozhou": "cz", "jieyang": "jy", "yunfu": "yf", "shunde": "sd", "nanning": "nn", "liuzhou": "lz", "guilin": "gl", "wuzhou": "wz", "beihai": "bh", "fangchenggang": "fcg", "qinzhou": "qz", "guigang": "gg", "yulin": "yl", "baise": "bs", "hezhou": "hz", "hechi": "hc", "laibin": "lb", "chongzuo": "cz", "haikou": "hk", "sanya": "sy", "sansha": "ss", "danzhou": "dz", "chengdu": "cd", "zigong": "zg", "panzhihua": "pzh", "luzhou": "lz", "deyang": "dy", "mianyang": "my", "guangyuan": "gy", "suining": "sn", "neijiang": "nj", "leshan": "ls", "nanchong": "nc", "meishan": "ms", "yibin": "yb", "guangan": "ga", "dazhou": "dz", "yaan": "ya", "bazhong": "bz", "ziyang": "zy", "guiyang": "gy", "liupanshui": "lps", "zunyi": "zy", "anshun": "as", "bijie": "bj", "tongren": "tr", "kunming": "km", "qujing": "qj", "yuxi": "yx", "baoshan": "bs", "zhaotong": "zt", "lijiang": "lj", "puer": "pe", "lincang": "lc", "dali": "dl", "lasa": "ls", "rikaze": "rkz", "xian": "xa", "tongchuan": "tc", "baoji": "bj", "xianyang": "xy", "weinan": "wn", "yanan": "ya", "hanzhong": "hz", "ankang": "ak", "shangluo": "sl", "lanzhou": "lz", "jiayuguan": "jyg", "jinchang": "jc", "baiyin": "by", "tianshui": "ts", "wuwei": "ww", "zhangye": "zy", "pingliang": "pl", "jiuquan": "jq", "qingyang": "qy", "dingxi": "dx", "longnan": "ln", "xining": "xn", "haidong": "hd", "yinchuan": "yc", "shizuishan": "szs", "wuzhong": "wz", "guyuan": "gy", "zhongwei": "zw", "urumqi": "u", "kelamayi": "klmy", "tulufan": "tlf", "hami": "hm", "shihezi": "shz", "taipei": "tp", "kaohsiung": "kh", "taizhong": "tz", "tainan": "tn", "xinzhu": "xz"}'::jsonb ->> word, left(word, 1));
                IF before IS NOT NULL THEN
                    keys := keys || hashtextextended('w' || left(before, 6) || ' ' || left(word, 6), 0);
                END IF;
                IF word <> ALL ('{america,american,amoy,anhui,ankang,anqing,anshan,anshun,anyang,asia,asian,australia,baicheng,baise,baishan,baiyin,baoding,baoji,baoshan,baotou,bayannaoer,bazhong,beihai,beijing,bengbu,benxi,bijie,binzhou,bozhou,canada,cangzhou,canton,changchun,changde,changsha,changzhi,changzhou,chaozhou,chekiang,chengde,chengdu,chenzhou,chifeng,china,chinese,chizhou,chongqing,chongzuo,chuzhou,dali,dalian,dandong,danzhou,daqing,datong,dazhou,deyang,dezhou,dingxi,dongguan,dongying,enshi,europe,european,ezhou,fangchenggang,foshan,france,fujian,fushun,fuxin,fuyang,fuzhou,gansu,ganzhou,germany,global,guangan,guangdong,guangxi,guangyuan,guangzhou,guigang,guilin,guiyang,guizhou,guyuan,haidong,haikou,hainan,hami,handan,hangzhou,hanzhong,harbin,hebei,hebi,hechi,hefei,hegang,heihe,heilongjiang,henan,hengshui,hengyang,heyuan,heze,hezhou,hohhot,hong,hongkong,huaian,huaibei,huaihua,huainan,huanggang,huangshan,huangshi,hubei,huizhou,huludao,hulunbeier,hunan,huzhou,india,international,israel,italy,japan,jiamusi,jian,jiangmen,jiangsu,jiangxi,jiaozuo,jiaxing,jiayuguan,jieyang,jilin,jinan,jinchang,jincheng,jingdezhen,jingmen,jingzhou,jinhua,jining,jinzhong,jinzhou,jiujiang,jiuquan,jixi,kaifeng,kaohsiung,kelamayi,kong,korea,kunming,kunshan,laibin,langfang,lanzhou,lasa,leshan,lianyungang,liaocheng,liaoning,liaoyang,liaoyuan,lijiang,lincang,linfen,linyi,lishui,liupanshui,liuzhou,longnan,longyan,loudi,luan,luoyang,luzhou,lvliang,maanshan,macao,macau,maoming,meishan,meizhou,mianyang,mudanjiang,nanchang,nanchong,nanjing,nanning,nanping,nantong,nanyang,neijiang,netherlands,ningbo,ningde,ningxia,ordos,pacific,panjin,panzhihua,peking,pingdingshan,pingliang,pingxiang,prc,puer,putian,puyang,qingdao,qinghai,qingyang,qingyuan,qinhuangdao,qinzhou,qiqihar,qitaihe,quanzhou,qujing,quzhou,rikaze,rizhao,sanmenxia,sanming,sansha,sanya,shaanxi,shandong,shanghai,shangluo,shangqiu,shangrao,shantou,shanwei,shanxi,shaoguan,shaoxing,shaoyang,shenyang,shenzhen,shihezi,shijiazhuang,shiyan,shizuishan,shuangyashan,shunde,shuozhou,sichuan,singapore,sino,siping,songyuan,suihua,suining,suizhou,suqian,suzhou,sweden,switzerland,tahe,taian,tainan,taipei,taiwan,taiyuan,taizhong,taizhou,tangshan,tianjin,tianshui,tibet,tieling,tientsin,tongchuan,tonghua,tongliao,tongling,tongren,tulufan,uk,urumqi,us,usa,weifang,weihai,weinan,wenzhou,worldwide,wuhai,wuhan,wuhu,wulanchabu,wuwei,wuxi,wuzhong,wuzhou,xiamen,xian,xiangtan,xiangxi,xiangyang,xianning,xianyang,xiaogan,xingtai,xining,xinjiang,xinxiang,xinyang,xinyu,xinzhou,xinzhu,xizang,xuancheng,xuchang,xuzhou,yaan,yanan,yanbian,yancheng,yangjiang,yangquan,yangzhou,yantai,yibin,yichang,yichun,yinchuan,yingkou,yingtan,yiwu,yiyang,yongzhou,yueyang,yulin,yuncheng,yunfu,yunnan,yuxi,zaozhuang,zhangjiajie,zhangjiakou,zhangye,zhangzhou,zhanjiang,zhaoqing,zhaotong,zhaoyang,zhejiang,zhengzhou,zhenjiang,zhongshan,zhongwei,zhoukou,zhoushan,zhuhai,zhumadian,zhuzhou,zibo,zigong,ziyang,zunyi}'::text[])
                    OR before IS NOT NULL AND word <> ALL ('{america,american,asia,asian,china,chinese,europe,european,global,international,pacific,prc,sino,worldwide}'::text[]) THEN
                    letters := letters || word;
                END IF;
                before := word;
                CONTINUE WHEN word = ANY ('{america,american,amoy,anhui,ankang,anqing,anshan,anshun,anyang,asia,asian,australia,baicheng,baise,baishan,baiyin,baoding,baoji,baoshan,baotou,bayannaoer,bazhong,beihai,beijing,bengbu,benxi,bijie,binzhou,bozhou,canada,cangzhou,canton,changchun,changde,changsha,changzhi,changzhou,chaozhou,chekiang,chengde,chengdu,chenzhou,chifeng,china,chinese,chizhou,chongqing,chongzuo,chuzhou,dali,dalian,dandong,danzhou,daqing,datong,dazhou,deyang,dezhou,dingxi,dongguan,dongying,enshi,europe,european,ezhou,fangchenggang,foshan,france,fujian,fushun,fuxin,fuyang,fuzhou,gansu,ganzhou,germany,global,guangan,guangdong,guangxi,guangyuan,guangzhou,guigang,guilin,guiyang,guizhou,guyuan,haidong,haikou,hainan,hami,handan,hangzhou,hanzhong,harbin,hebei,hebi,hechi,hefei,hegang,heihe,heilongjiang,henan,hengshui,hengyang,heyuan,heze,hezhou,hohhot,hong,hongkong,huaian,huaibei,huaihua,huainan,huanggang,huangshan,huangshi,hubei,huizhou,huludao,hulunbeier,hunan,huzhou,india,international,israel,italy,japan,jiamusi,jian,jiangmen,jiangsu,jiangxi,jiaozuo,jiaxing,jiayuguan,jieyang,jilin,jinan,jinchang,jincheng,jingdezhen,jingmen,jingzhou,jinhua,jining,jinzhong,jinzhou,jiujiang,jiuquan,jixi,kaifeng,kaohsiung,kelamayi,kong,korea,kunming,kunshan,laibin,langfang,lanzhou,lasa,leshan,lianyungang,liaocheng,liaoning,liaoyang,liaoyuan,lijiang,lincang,linfen,linyi,lishui,liupanshui,liuzhou,longnan,longyan,loudi,luan,luoyang,luzhou,lvliang,maanshan,macao,macau,maoming,meishan,meizhou,mianyang,mudanjiang,nanchang,nanchong,nanjing,nanning,nanping,nantong,nanyang,neijiang,netherlands,ningbo,ningde,ningxia,ordos,pacific,panjin,panzhihua,peking,pingdingshan,pingliang,pingxiang,prc,puer,putian,puyang,qingdao,qinghai,qingyang,qingyuan,qinhuangdao,qinzhou,qiqihar,qitaihe,quanzhou,qujing,quzhou,rikaze,rizhao,sanmenxia,sanming,sansha,sanya,shaanxi,shandong,shanghai,shangluo,shangqiu,shangrao,shantou,shanwei,shanxi,shaoguan,shaoxing,shaoyang,shenyang,shenzhen,shihezi,shijiazhuang,shiyan,shizuishan,shuangyashan,shunde,shuozhou,sichuan,singapore,sino,siping,songyuan,suihua,suining,suizhou,suqian,suzhou,sweden,switzerland,tahe,taian,tainan,taipei,taiwan,taiyuan,taizhong,taizhou,tangshan,tianjin,tianshui,tibet,tieling,tientsin,tongchuan,tonghua,tongliao,tongling,tongren,tulufan,uk,urumqi,us,usa,weifang,weihai,weinan,wenzhou,worldwide,wuhai,wuhan,wuhu,wulanchabu,wuwei,wuxi,wuzhong,wuzhou,xiamen,xian,xiangtan,xiangxi,xiangyang,xianning,xianyang,xiaogan,xingtai,xining,xinjiang,xinxiang,xinyang,xinyu,xinzhou,xinzhu,xizang,xuancheng,xuchang,xuzhou,yaan,yanan,yanbian,yancheng,yangjiang,yangquan,yangzhou,yantai,yibin,yichang,yichun,yinchuan,yingkou,yingtan,yiwu,yiyang,yongzhou,yueyang,yulin,yuncheng,yunfu,yunnan,yuxi,zaozhuang,zhangjiajie,zhangjiakou,zhangye,zhangzhou,zhanjiang,zhaoqing,zhaotong,zhaoyang,zhejiang,zhengzhou,zhenjiang,zhongshan,zhongwei,zhoukou,zhoushan,zhuhai,zhumadian,zhuzhou,zibo,zigong,ziyang,zunyi}'::text[]);
                IF word <> ALL ('{academy,affiliated,association,bank,biotech,biotechnology,bureau,capital,center,centre,chemical,chemicals,city,cloud,college,committee,communication,communications,computing,consulting,council,data,department,development,digital,education,electric,electrical,electronic,electronics,energy,engineering,environmental,equipment,exp,export,finance,financial,food,foundation,furniture,garment,hardware,health,healthcare,hospital,imp,import,industrial,industries,industry,information,institute,instrument,instruments,insurance,intelligence,intelligent,investment,key,lab,laboratory,labs,lighting,logistics,machinery,management,manufacture,manufacturing,material,materials,media,medical,ministry,municipal,national,network,networks,normal,open,partners,pharmaceutical,pharmaceuticals,plastic,plastics,polytechnic,power,products,province,provincial,research,school,science,sciences,scientific,service,services,society,software,solutions,state,studio,studios,system,systems,tech,technologies,technology,textile,trade,trading,university,ventures,vocational}'::text[]) THEN
                    keys := keys || hashtextextended('w' || left(word, 6), 0);
                END IF;
            END LOOP;
            letters := translate(letters, 'v', 'u');
            keys := keys || ARRAY[hashtextextended('y' || letters, 0), hashtextextended('a' || initials, 0), hashtextextended('a' || whole_initials, 0), hashtextextended('a' || place_initials, 0)];
            IF length(letters) < 9 THEN
                keys := keys || hashtextextended('a' || letters, 0);
            END IF;
        END IF;
    END LOOP;
    RETURN keys;
END
$$;

-- The rule of registry.accounts.roles.must_stay_apart(), for whatever writes past it. Superusers may do all anyway.
CREATE FUNCTION registry_roles_stay_apart()
 RETURNS trigger
 LANGUAGE plpgsql
AS $$
BEGIN
    IF (
        SELECT count(*) > 1
        FROM auth_user_groups held JOIN auth_group role ON role.id = held.group_id
        WHERE held.user_id = NEW.user_id AND role.name IN ('系统管理员', '审计员')
    ) AND NOT (SELECT is_superuser FROM auth_user WHERE id = NEW.user_id) THEN
        RAISE EXCEPTION 'An account is never administrator and auditor at once.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_stay_apart';
    END IF;
    RETURN NULL;
END $$;
