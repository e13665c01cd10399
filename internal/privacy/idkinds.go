package privacy

// An idKind is a kind of number: what it looks like, how it is checked, and
// which words near it say what it is.
type idKind struct {
	typ   Type
	name  string
	shape string // 9 digit, A letter, N either, X digit or X; one for each length
	// groups are the ways it is written in groups that tell it without a word
	// near it, as "3-2-4"; "" is in one piece.
	groups []string
	check  func(string) bool // nil is always
	// bare is the score with one of the groups, loose in any other grouping,
	// and near with a word of the context; 0 is not at all.
	bare, loose, near float64
	context           string // words, folded
}

const anyGroups = "*"

// idKinds are the numbers that are known. Scores say how rare it is that
// another number looks the same: a check of two letters is surer than one digit.
func idKinds() []idKind {
	any := []string{anyGroups}
	return []idKind{
		{USSSN, "us-ssn", "999999999", []string{"3-2-4"}, ssn, 0.85, 0, 0.9, "ssn social security socialsecurity"},
		{NationalID, "us-itin", "999999999", []string{"3-2-4"}, itin, 0.86, 0, 0.9, "itin taxpayer tax"},
		{NationalID, "uk-nino", "AA999999A", any, nino, 0.85, 0, 0.95, "nino national insurance ni"},
		{NationalID, "uk-nino", "AA999999", nil, nino, 0, 0, 0.7, "nino national insurance"},
		{NationalID, "uk-nhs", "9999999999", nil, nhs, 0, 0, 0.9, "nhs health patient medical hospital"},
		{NationalID, "uk-utr", "9999999999", nil, nil, 0, 0, 0.8, "utr taxpayer"},
		{NationalID, "de-steuer-id", "99999999999", any, steuerID, 0.7, 0, 0.95, "steuer steueridentifikationsnummer identifikationsnummer steuernummer idnr tin tax steuerid"},
		{NationalID, "de-rvnr", "99999999A999", any, rvnr, 0.85, 0, 0.95, "rentenversicherungsnummer sozialversicherungsnummer versicherungsnummer"},
		{NationalID, "de-ausweis", "NNNNNNNNN", nil, nil, 0, 0, 0.75, "ausweis personalausweis ausweisnummer"},
		{NationalID, "es-nif", "99999999A", any, nif, 0.9, 0, 0.95, "dni nif"},
		{NationalID, "es-nie", "A9999999A", any, nie, 0.9, 0, 0.95, "nie"},
		{NationalID, "it-codice-fiscale", "AAAAAANNANNANNNA", any, codiceFiscale, 0.95, 0, 0.97, "codice fiscale"},
		{NationalID, "it-partita-iva", "99999999999", nil, luhn, 0, 0, 0.85, "partita iva piva"},
		{NationalID, "fr-nir", "99999NN99999999", any, nir, 0.85, 0, 0.95, "nir securite sociale secu"},
		{NationalID, "nl-bsn", "999999999", nil, bsn, 0, 0, 0.92, "bsn burgerservicenummer sofinummer"},
		{NationalID, "nl-bsn", "99999999", nil, bsn, 0, 0, 0.9, "bsn burgerservicenummer sofinummer"},
		{NationalID, "pl-pesel", "99999999999", any, pesel, 0.75, 0, 0.95, "pesel"},
		{NationalID, "se-personnummer", "9999999999", []string{"6-4"}, personnummer, 0.85, 0, 0.95, "personnummer personnumret"},
		{NationalID, "se-personnummer", "999999999999", any, personnummer, 0.85, 0, 0.95, "personnummer personnumret"},
		{NationalID, "no-fodselsnummer", "99999999999", any, fodselsnummer, 0.8, 0, 0.95, "fodselsnummer personnummer"},
		{NationalID, "dk-cpr", "9999999999", []string{"6-4"}, cpr, 0.65, 0, 0.92, "cpr"},
		{NationalID, "fi-hetu", "9999999999", []string{"6-4"}, hetu, 0.86, 0, 0.95, "hetu henkilotunnus"},
		{NationalID, "fi-hetu", "999999999A", any, hetu, 0.85, 0, 0.95, "hetu henkilotunnus"},
		{NationalID, "fi-hetu", "999999A999N", any, hetu, 0.9, 0, 0.95, "hetu henkilotunnus"},
		{NationalID, "in-aadhaar", "999999999999", []string{"4-4-4"}, aadhaar, 0.8, 0.5, 0.95, "aadhaar aadhar uidai"},
		{NationalID, "in-pan", "AAAAA9999A", any, pan, 0.85, 0, 0.95, "pan"},
		{NationalID, "ca-sin", "999999999", []string{"3-3-3"}, sin, 0.7, 0, 0.92, "sin social insurance"},
		{NationalID, "au-tfn", "999999999", []string{"3-3-3"}, tfn, 0.7, 0, 0.93, "tfn tax file"},
		{NationalID, "au-tfn", "99999999", nil, tfn, 0, 0, 0.9, "tfn tax file"},
		{NationalID, "au-medicare", "9999999999", []string{"4-5-1"}, medicare, 0.85, 0, 0.93, "medicare"},
		{NationalID, "au-medicare", "99999999999", []string{"4-5-1-1"}, medicare, 0.85, 0, 0.93, "medicare"},
		{NationalID, "au-abn", "99999999999", []string{"2-3-3-3"}, abn, 0.8, 0, 0.93, "abn"},
		{NationalID, "ch-ahv", "9999999999999", any, ahv, 0.95, 0, 0.97, "ahv avs"},
		{NationalID, "at-svnr", "9999999999", []string{"4-6", "4-2-2-2"}, svnr, 0.8, 0, 0.95, "svnr sozialversicherungsnummer sv versicherungsnummer"},
		{NationalID, "be-rrn", "99999999999", any, rrn, 0.8, 0, 0.95, "rijksregisternummer niss nrn rrn insz registre"},
		{NationalID, "br-cpf", "99999999999", any, cpf, 0.86, 0, 0.96, "cpf"},
		{NationalID, "br-cnpj", "99999999999999", any, cnpj, 0.86, 0, 0.96, "cnpj"},
		{NationalID, "pt-nif", "999999999", nil, portugueseNIF, 0, 0, 0.9, "nif contribuinte"},
		{NationalID, "mx-curp", "AAAA999999AAAAAANN", any, nil, 0.9, 0, 0.97, "curp"},
		{NationalID, "mx-rfc", "AAAA999999NNN", any, nil, 0.7, 0, 0.95, "rfc"},
		{NationalID, "cl-rut", "99999999X", []string{"2-3-3-1", "8-1"}, rut, 0.8, 0, 0.93, "rut run"},
		{NationalID, "cl-rut", "9999999X", []string{"1-3-3-1", "7-1"}, rut, 0.75, 0, 0.92, "rut run"},
		{NationalID, "ar-cuit", "99999999999", []string{"2-8-1"}, cuit, 0.85, 0, 0.93, "cuit cuil"},
		{NationalID, "ar-dni", "99999999", nil, nil, 0, 0, 0.8, "dni documento cedula"},
		{NationalID, "cn-resident", "99999999999999999X", any, residentCN, 0.95, 0, 0.97, "身份证 身份证号"},
		{NationalID, "kr-resident", "9999999999999", []string{"6-7"}, residentKR, 0.85, 0, 0.95, "주민등록번호 resident"},
		{NationalID, "jp-my-number", "999999999999", nil, nil, 0, 0, 0.85, "mynumber マイナンバー"},
		{NationalID, "sg-nric", "A9999999A", any, nric, 0.9, 0, 0.95, "nric fin"},
		{NationalID, "hk-hkid", "A999999N", any, hkid, 0.75, 0, 0.93, "hkid"},
		{NationalID, "tw-id", "A999999999", any, taiwanID, 0.85, 0, 0.95, "身分證"},
		{NationalID, "my-nric", "999999999999", []string{"6-2-4"}, func(s string) bool { return monthDay(s[2:4], s[4:6]) }, 0.8, 0, 0.93, "mykad nric kad"},
		{NationalID, "za-id", "9999999999999", any, southAfricaID, 0.8, 0, 0.95, "id identity"},
		{NationalID, "il-id", "999999999", nil, luhn, 0, 0, 0.85, "teudat zehut tz"},
		{NationalID, "tr-kimlik", "99999999999", any, turkeyID, 0.8, 0, 0.95, "tc kimlik tckn"},
		{NationalID, "ie-pps", "9999999A", any, pps, 0.7, 0, 0.95, "pps ppsn"},
		{NationalID, "ie-pps", "9999999AA", any, pps, 0.85, 0, 0.95, "pps ppsn"},
		{NationalID, "cz-rodne-cislo", "9999999999", []string{"6/4"}, rodneCislo, 0.85, 0, 0.95, "rodne cislo rc"},
		{NationalID, "cz-rodne-cislo", "999999999", []string{"6/3"}, rodneCislo, 0.75, 0, 0.9, "rodne cislo rc"},
		{NationalID, "ro-cnp", "9999999999999", any, cnp, 0.85, 0, 0.95, "cnp"},
		{NationalID, "si-emso", "9999999999999", any, emso, 0.8, 0, 0.95, "emso jmbg"},
		{NationalID, "ee-isikukood", "99999999999", any, balticID, 0.8, 0, 0.95, "isikukood asmens kodas"},
		{NationalID, "ru-snils", "99999999999", []string{"3-3-3-2"}, snils, 0.85, 0, 0.95, "snils снилс"},
		{NationalID, "ru-inn", "999999999999", nil, nil, 0, 0, 0.85, "inn инн"},
		{NationalID, "gr-amka", "99999999999", any, amka, 0.7, 0, 0.95, "amka αμκα"},
		{NationalID, "hr-oib", "99999999999", nil, mod11_10, 0, 0, 0.93, "oib"},
		{NationalID, "bg-egn", "9999999999", nil, nil, 0, 0, 0.85, "egn егн"},
		{NationalID, "eu-vat", "AA999999999", any, nil, 0, 0, 0.85, "vat ust ustid umsatzsteuer btw tva"},
		{BankAccount, "us-routing", "999999999", nil, routing, 0, 0, 0.92, "routing aba rtn transit"},
		{BankAccount, "uk-sort-code", "999999", nil, nil, 0, 0, 0.85, "sort sortcode"},
	}
}
