package planted

// A language has sentences; % is where the item goes.
type language struct {
	code                 string
	topics, answers      []string
	names, organizations []string
	structured           map[Kind][]string
}

var languages = []*language{
	{
		code: "en",
		topics: []string{
			"Could you proofread the following paragraph for me?", "I need a polite complaint about a late parcel.",
			"Help me plan a week of vegetarian dinners.", "What should I wear for a rainy weekend by the sea?",
			"My spreadsheet formula returns an error, can you fix it?", "I have to write a short speech for a wedding.",
			"Can you explain compound interest in simple words?", "Please turn my notes into minutes.",
		},
		answers: []string{
			"Of course. Here is a draft that you can adapt to your needs.", "Sure, let me look at this step by step.",
			"Here are three suggestions, from simple to elaborate.", "I would keep it short and friendly.",
		},
		names: []string{
			"The letter should be addressed to %.", "I sat beside % at the dinner yesterday.", "% asked me to send this before Friday.",
			"Please mention % in the second paragraph.", "My neighbour % keeps complaining about the noise.", "It was % who found the mistake.",
			"I am writing on behalf of %.", "Yesterday % and I talked about it for an hour.", "Make it sound as if % had written it.",
			"She introduced herself as %.", "My daughter % will start school in autumn.", "Sign it with % at the bottom.", "% won't be able to attend.",
		},
		organizations: []string{
			"I have been with % for six years.", "The invoice came from % last week.", "My interview at % is on Tuesday.",
			"We buy most of our parts from %.", "% has cancelled my contract without notice.", "The offer by % looks better.",
			"My sister works at %.", "Our biggest competitor is %.",
		},
		structured: map[Kind][]string{
			"phone":       {"You can reach me on % after six.", "Her new mobile is %.", "If anything happens, ring %."},
			"email":       {"Send the result to % please.", "My address is %, in case you need it.", "Cc % as well."},
			"card":        {"They charged my card % twice.", "The number on the card reads %.", "Paid with %, expiring next year."},
			"iban":        {"Transfer the deposit to %.", "The refund goes to IBAN %.", "My account is %."},
			"ip":          {"The log shows % as the source.", "Somebody logged in from %.", "Our server answers on %."},
			"ssn":         {"My social security number is %.", "SSN: %", "The form wants the SSN, mine is %."},
			"url":         {"Everything is on % if you want to look.", "My portfolio lives at %.", "See % for the photos."},
			"mac":         {"The printer's hardware address is %.", "Block the device % on the router.", "MAC %"},
			"api key":     {"I used the key % in the script.", "export TOKEN=%", "My token is % but it is refused."},
			"street":      {"I live at %.", "Deliver it to % please.", "Our new office is at %."},
			"birth":       {"I was born on %.", "Date of birth: %", "Her birthday is %."},
			"nino":        {"My national insurance number is %.", "NI number % is on the payslip.", "The form lists %."},
			"steuer-id":   {"My German tax ID is %.", "The tax number % does not match.", "Tax ID: %"},
			"nif":         {"My Spanish DNI is %.", "The NIF on the contract is %.", "Identity number %"},
			"codice":      {"My codice fiscale is %.", "The Italian tax code % was rejected.", "Code: %"},
			"nir":         {"My French social security number is %.", "The numéro de sécu is %.", "Number % is on the card."},
			"aadhaar":     {"My Aadhaar number is %.", "Aadhaar % is linked to the account.", "UIDAI sent % to me."},
			"cpf":         {"My CPF is %.", "The Brazilian CPF % is needed.", "CPF: %"},
			"ahv":         {"My AHV number is %.", "The Swiss number % is on the card.", "AHV %"},
			"wallet":      {"Send the coins to %.", "My wallet is %.", "The transaction went to %."},
			"handle":      {"Follow me, I am %.", "I posted it as % last night.", "Tag % in the picture."},
			"account":     {"My account number is %.", "Please close account no. %.", "The account % is overdrawn."},
			"passport":    {"My passport number is %.", "Passport no. % expires soon.", "The visa needs the passport, it is %."},
			"credentials": {"The password is %.", "My login password: %", "password = %"},
		},
	},
	{
		code:    "de",
		topics:  []string{"Kannst du meinen Text korrigieren?", "Ich brauche eine höfliche Absage.", "Was koche ich heute Abend mit Kürbis?", "Erkläre mir bitte die Zinsrechnung."},
		answers: []string{"Gerne, hier ist ein Vorschlag.", "Natürlich, gehen wir das der Reihe nach durch.", "Ich würde es kurz und freundlich halten."},
		names: []string{"Der Brief geht an %.", "Gestern hat % angerufen.", "Ich wohne seit Mai mit % zusammen.", "Bitte erwähne auch %.",
			"Meine Kollegin % ist krank.", "% hat mir das empfohlen.", "Unterschreibe mit %."},
		organizations: []string{"Ich arbeite seit zwei Jahren bei %.", "Die Rechnung kommt von %.", "Das Angebot der Firma % ist besser.", "Ich habe mich bei % beworben."},
		structured: map[Kind][]string{
			"phone": {"Meine Nummer ist %.", "Du erreichst mich unter %."}, "email": {"Schick es an %.", "Meine Adresse lautet %."},
			"card": {"Meine Karte % wurde belastet."}, "iban": {"Bitte überweise auf %.", "Die IBAN lautet %."},
			"street": {"Ich wohne in der %.", "Die Lieferung geht an %."}, "birth": {"Ich bin am % geboren.", "Geburtsdatum: %"},
			"steuer-id": {"Meine Steuer-ID ist %.", "Steueridentifikationsnummer %"}, "url": {"Alles steht auf %."}, "ip": {"Im Protokoll steht %."},
			"passport": {"Meine Reisepassnummer ist %."}, "account": {"Meine Kontonummer ist %."},
		},
	},
	{
		code:    "fr",
		topics:  []string{"Peux-tu corriger mon texte ?", "J'ai besoin d'une lettre de résiliation.", "Que cuisiner ce soir avec des courgettes ?"},
		answers: []string{"Bien sûr, voici une proposition.", "Avec plaisir, procédons par étapes.", "Je resterais bref et aimable."},
		names: []string{"La lettre est pour %.", "Hier j'ai dîné avec %.", "C'est % qui l'a trouvé.", "Ma voisine % se plaint du bruit.",
			"% m'a demandé de l'envoyer.", "Signe avec %, s'il te plaît."},
		organizations: []string{"Je travaille chez % depuis deux ans.", "La facture vient de %.", "J'ai postulé chez %.", "L'offre de la société % est meilleure."},
		structured: map[Kind][]string{
			"phone": {"Mon numéro est le %.", "Appelle-moi au %."}, "email": {"Envoie-le à %.", "Mon adresse est %."},
			"card": {"Ma carte % a été débitée."}, "iban": {"Le virement va sur %."}, "street": {"J'habite au %.", "Livrez au %."},
			"birth": {"Je suis né le %.", "Date de naissance : %"}, "nir": {"Mon numéro de sécurité sociale est %."}, "url": {"Tout est sur %."},
		},
	},
	{
		code:    "es",
		topics:  []string{"¿Puedes corregir mi texto?", "Necesito una carta de reclamación.", "¿Qué cocino hoy con garbanzos?"},
		answers: []string{"Claro, aquí tienes una propuesta.", "Por supuesto, vamos paso a paso.", "Yo lo dejaría breve y amable."},
		names: []string{"La carta es para %.", "Ayer cené con %.", "Fue % quien lo encontró.", "Mi vecina % se queja del ruido.",
			"% me pidió que lo enviara.", "Firma como %, por favor."},
		organizations: []string{"Trabajo en % desde hace dos años.", "La factura es de %.", "Tengo una entrevista en %.", "La oferta de la empresa % es mejor."},
		structured: map[Kind][]string{
			"phone": {"Mi número es el %.", "Llámame al %."}, "email": {"Envíalo a %.", "Mi correo es %."},
			"card": {"Me cobraron dos veces en la tarjeta %."}, "iban": {"Haz la transferencia a %."}, "street": {"Vivo en la %.", "Entréguelo en %."},
			"birth": {"Nací el %.", "Fecha de nacimiento: %"}, "nif": {"Mi DNI es %.", "El NIF es %."},
		},
	},
	{
		code:    "it",
		topics:  []string{"Puoi correggere il mio testo?", "Mi serve una lettera di reclamo.", "Cosa cucino stasera con le zucchine?"},
		answers: []string{"Certo, ecco una proposta.", "Volentieri, andiamo per gradi.", "Lo terrei breve e cortese."},
		names: []string{"La lettera è per %.", "Ieri ho cenato con %.", "È stato % a trovarlo.", "La mia vicina % si lamenta del rumore.",
			"% mi ha chiesto di mandarlo.", "Firma con %, per favore."},
		organizations: []string{"Lavoro per % da due anni.", "La fattura è di %.", "Ho un colloquio presso %.", "L'offerta della ditta % è migliore."},
		structured: map[Kind][]string{
			"phone": {"Il mio numero è %.", "Chiamami al %."}, "email": {"Mandalo a %."}, "iban": {"Il bonifico va su %."},
			"street": {"Abito in %.", "Consegnate in %."}, "birth": {"Sono nato il %."}, "codice": {"Il mio codice fiscale è %."},
		},
	},
	{
		code:          "nl",
		topics:        []string{"Kun je mijn tekst nakijken?", "Ik heb een nette afwijzing nodig."},
		answers:       []string{"Natuurlijk, hier is een voorstel.", "Graag, stap voor stap."},
		names:         []string{"De brief is voor %.", "Gisteren heb ik met % gegeten.", "Mijn buurvrouw % klaagt over het lawaai.", "% vroeg me dit te sturen."},
		organizations: []string{"Ik werk al twee jaar bij %.", "De factuur komt van %."},
		structured:    map[Kind][]string{"phone": {"Mijn nummer is %."}, "email": {"Stuur het naar %."}, "iban": {"Maak het over naar %."}, "street": {"Ik woon op de %."}, "birth": {"Ik ben geboren op %."}},
	},
	{
		code:          "pt",
		topics:        []string{"Você pode corrigir o meu texto?", "Preciso de uma carta de reclamação."},
		answers:       []string{"Claro, aqui vai uma proposta.", "Com prazer, vamos por partes."},
		names:         []string{"A carta é para %.", "Ontem jantei com %.", "Minha vizinha % reclama do barulho.", "% me pediu para enviar isto."},
		organizations: []string{"Trabalho na % há dois anos.", "A fatura é da %."},
		structured:    map[Kind][]string{"phone": {"Meu número é %."}, "email": {"Mande para %."}, "cpf": {"Meu CPF é %."}, "birth": {"Nasci em %."}},
	},
}
