package privacy

import "strings"

// set makes a set of the words of a list.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// The words that tell what the name beside them is. They are folded: in lower
// case and without accents.
type cues struct {
	// after a person: Jake said
	speaks map[string]bool
	// before a person: my friend Jake, hello Jake, by Jake
	relation, greeting, personBefore map[string]bool
	// phrases before a person: my name is
	introduction map[string]bool
	longestIntro int
	// before and after an organisation
	orgBefore, orgAfter map[string]bool
	employ              map[string]bool
	// before a place
	placeBefore map[string]bool
	// words of technical talk
	technical map[string]bool
	german    map[string]bool
	function  map[string]bool // words that are no name in lower case
	// words after a nationality that make it one of a person
	people map[string]bool
	// introductions after which anything is a name
	strong map[string]bool
}

func newCues() *cues {
	c := &cues{
		speaks: set(`said says say told tells asked asks replied replies answered wrote writes thinks thought believes
			shouted whispered screamed laughed smiled cried explained explains mentioned suggested suggests argued called calls texted
			emailed messaged phoned wants wanted needs loves loved likes liked hates hated lives lived works worked moved married
			knows knew had spent went goes came comes left got gets gave gives sent sends signed visited invited recommended
			insisted complained admitted agreed announced retired graduated died sings sang plays speaks spoke
			sagt sagte meint meinte fragt fragte schrieb schreibt wohnt arbeitet heisst dit disait demande ecrit habite travaille
			dijo dice pregunto escribio vive trabaja ha fue disse dice scrive abita lavora ha chiesto mora trabalha falou
			zegt zei vroeg woont werkt sagde sade sager siger sier bor jobbar arbetar powiedzial powiedziala mowi mieszka
			сказал сказала говорит написал написала живёт живет работает`),
		relation: set(`friend friends buddy pal mate colleague coworker boss manager supervisor wife husband partner girlfriend boyfriend
			fiance fiancee son daughter kid child brother sister mother father mom mum dad mommy daddy uncle aunt auntie cousin nephew niece
			grandma grandpa grandmother grandfather grandson granddaughter stepson stepdaughter roommate flatmate neighbor neighbour landlord landlady
			teacher tutor doctor therapist dentist lawyer attorney client patient student coach assistant secretary accountant classmate ex crush
			employee intern nanny babysitter guy girl dude bro sis teammate guest applicant candidate tenant customer ceo cto cfo founder
			president senator minister chancellor king queen pope author writer singer actor actress director producer artist composer
			songwriter drummer guitarist player fan named called nicknamed alias aka recipient sender beneficiary guardian
			freund freundin kollege kollegin chef chefin mann bruder schwester sohn tochter mutter vater onkel tante oma opa cousin nachbar nachbarin
			ami amie copain copine mari femme frere soeur fils fille mere pere oncle tante patron voisin voisine
			amigo amiga colega jefe jefa esposo esposa marido mujer hermano hermana hijo hija madre padre tio tia primo prima novio novia vecino vecina
			amico amica collega capo moglie marito fratello sorella figlio figlia madre padre zio zia cugino cugina fidanzato fidanzata
			irmao irma filho filha mae pai namorado namorada chefe vizinho vizinha
			vriend vriendin baas vrouw broer zus zoon dochter moeder vader oom tante buurman buurvrouw
			kolega przyjaciel przyjaciolka maz zona brat siostra syn corka kompis kollega bror syster far mor
			друг подруга коллега жена муж брат сестра сын дочь мама папа начальник`),
		greeting: set(`hi hello hey dear greetings thanks thank cheers regards sincerely yours best love bye goodbye welcome congrats congratulations
			hallo liebe lieber sehr geehrte geehrter servus moin gruss grusse danke bonjour salut cher chere merci cordialement
			hola querido querida estimado estimada gracias saludos atentamente ciao caro cara gentile grazie saluti cordiali
			ola caro prezado prezada obrigado obrigada beste geachte hoi dag groetjes bedankt hej kara basta tack czesc drogi droga dziekuje pozdrawiam
			привет здравствуйте дорогой дорогая уважаемый уважаемая спасибо`),
		personBefore: set(`by with met meet meeting and ask asked tell told call called meets saw see about per named contact invite email text from for
			contacted visited dated married know knows love loves like unlike hear heard remember mit von avec par con por com de med och og
			signed starring featuring feat under name attn cc regarding between`),
		orgBefore: set(`company employer firm startup employer vendor supplier client agency firma bei unternehmen arbeitgeber chez entreprise societe empresa compania
			azienda ditta presso bedrijf foretag spolka kunde lieferant fournisseur employeur proveedor empleador fornitore fornecedor empregador
			klant leverancier werkgever insurer organization organisation organizacion organizacao organizzazione auftraggeber sponsor manufacturer merchant payee retailer reseller distributor wholesaler contractor competitor competitors konkurrent wettbewerber concurrent competidor concorrente bank insurer vermieter versicherer dienstleister prestataire partner partners partnern partenaire socio parceiro marca marke brand`),
		orgAfter:    set(`inc office offices headquarters hq employees ceo cto cfo employee stock shares account customers orchestra team staff store branch plc recruiters recruiter website handbook helpline hotline helpdesk warehouse factory newsletter`),
		employ:      set(`work works worked working job employed intern interned internship position role career employee ceo cto cfo founder cofounder manager director hired consultant engineer joined join joining interview offer arbeite arbeitet trabajo trabaja travaille lavoro lavora trabalho werk werkt`),
		placeBefore: set(`city town village in near to from toward towards visit visiting visited around outside via across leaving reach reached nach aus en a desde hasta vers depuis pres di da verso em para till fran fra w do z в из`),
		technical: set(`code function library libraries framework frameworks api apis install installed import module package packages database databases server
			query queries class method methods variable error errors bug debug compile compiler build deploy deployment docker cluster script
			programming program app application backend frontend web software version plugin component components hook hooks model models data dataset
			dataframe pipeline repo repository commit branch test tests unit container config syntax runtime developer developers stack tool tools
			integration endpoint endpoints schema index cache cloud driver interface tutorial documentation docs algorithm
			migrate migrating upgrade configure setup implement syntax async refactor`),
		function: set(`a an and are as at be been but by can could did do does for from had has have he her him his how i if in into is it its just may me might must
			my no not of off on one or our out over shall she should so some than that the their them then there these they this those to too up us very was we were
			what when where which while who why will with would you your am all any because both here more most now only other such via again also ever
			yes ok okay please like get got go let make need want know use new good great very much many today tomorrow yesterday mon sun sat long king`),
		people: set(`man woman men women boy girl guy citizen citizens national nationals citizenship nationality passport immigrant immigrants
			descent origin heritage ancestry roots parents mother father husband wife girlfriend boyfriend family couple student students
			refugee refugees expat expats accent background born people community tourists`),
		strong: set(`name names named heisse heisst heissen appelle llamo llama nombre chiamo chiama nome naam heet heter hedder navn namn imie jmenuji
			nimeni numesc adim ismim зовут λενε nama naitwa pangalan`),
		german: set(`der die das und ist nicht ich ein eine mit auf für von den dem wir sie es zu im auch sich bei wie habe hat kann mein meine`),
	}
	c.introduction = map[string]bool{}
	for phrase := range strings.SplitSeq(`my name is|my name's|name is|name was|names is|name's|i am|i'm|im|this is|it's|its|it is|call me|calls me|call him|call her|named|called|was called|named him|named her|known as|aka|goes by|
		name|names|full name|first name|last name|surname|maiden name is|last name is|first name is|patient|customer|contact|attn|attention|signed|from|to|cc|author|sender|recipient|user name|account holder|cardholder|
		people call me|everyone calls me|they call me|under|account is under|speak to|talk to|spoke to|speak with|talk with|ask for|tell|
		ich heisse|ich bin|mein name ist|name ist|heisst|heissen|genannt|je m'appelle|je suis|m'appelle|mon nom est|s'appelle|me llamo|mi nombre es|soy|se llama|llamado|llamada|mi chiamo|il mio nome e|sono|si chiama|
		meu nome e|me chamo|eu sou|sou|chama se|mijn naam is|ik ben|ik heet|heet|jag heter|heter|mitt namn ar|jeg hedder|hedder|mit navn er|jeg heter|navnet mitt er|nazywam sie|mam na imie|jestem|nazywa sie|
		jmenuji se|jmenuju se|nimeni on|olen|nevem|a nevem|vagyok|numele meu este|ma numesc|ma cheama|sunt|benim adim|adim|ismim|meniscu|zovem se|ime mi je|me lene|onomazomai|meu nome|
		меня зовут|зовут|мое имя|я|με λενε|ονομαζομαι|nama saya|namaku|saya|jina langu ni|naitwa|ako si|ang pangalan ko ay|ten toi la|mera naam|watashi wa`, "|") {
		words := strings.Fields(strings.ReplaceAll(phrase, "'", " "))
		if len(words) == 0 {
			continue
		}
		c.introduction[strings.Join(words, " ")] = true
		c.longestIntro = max(c.longestIntro, len(words))
	}
	return c
}

// introEnds are the last words of the introductions.
func (c *cues) introEnds() map[string]bool {
	m := map[string]bool{}
	for phrase := range c.introduction {
		words := strings.Fields(phrase)
		m[words[len(words)-1]] = true
	}
	return m
}
