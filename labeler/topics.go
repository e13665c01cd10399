package labeler

import "strings"

// A topic is something that small models would rather not name. Its signs are
// words of texts that are about it; what may stand in a label beside them are
// names. An entry of several words stands for them in a row, joined by "_"; one
// that ends in "*" for all words that begin so, in whatever language.
type topic struct{ signs, names string }

// topics returns the sensitive topics. Words that are as often harmless, such as
// "shot", "weed" and "hack", are no signs.
func topics() []topic {
	return []topic{
		{"suicid* selbstmord* suizid* kill_myself end_my_life end_it_all self_harm self-harm want_to_die hang_myself cut_myself cutting_myself hurt_myself",
			"self-harm overdose dying death"},
		{"cocain* kokain* cocaïn* heroin heroín* héroïn* meth methamphetamin* fentanyl mdma lsd ketamin* amphetamin* opium crack_cocaine magic_mushrooms" +
			" drug_dealer drug_dealing drug_dealers drug_trafficking drug_cartel sell_drugs buy_drugs selling_drugs buying_drugs illegal_drugs hard_drugs getting_high ecstasy_pills ghb roofies anabolic_steroids overdose",
			"drug* narcotic* opioid* droge* drogue* droga* stupéfiant* substance_abuse trafficking psychedelic* stimulant*"},
		{"bomb bombs bombing bomben bombe bomba bombas explosiv* explosif* sprengstoff* detonat* molotov grenade grenades napalm sarin ricin anthrax nerve_agent nerve_gas tatp ied" +
			" ghost_gun ghost_guns silencer firearm firearms handgun handguns assault_rifle ammunition untraceable_gun untraceable_guns schusswaffe*",
			"weapon* gun guns rifle* arms waffe* arme armes arma armas explosion* munition* toxin* chemical_warfare"},
		{"malware ransomware keylogger* phishing botnet* ddos spyware trojan rootkit* sql_injection brute_force zero-day hacking hacker* hack_into crack_passwords steal_passwords",
			"hack* malicious cyberattack* cyber-attack* cybercrime* cyber_attack* cyber_attacks virus viruses attack* exploit* password_theft intrusion* penetration"},
		{"fraud* scam scams scammer* scamming counterfeit* launder* geldwäsche blanchiment blanqueo ponzi pyramid_scheme fake_id fake_ids fake_passport* stolen_card* stolen_credit" +
			" stolen_credit_card* identity_theft embezzl* bribe bribes bribery bribing blackmail* extort* tax_evasion evade_taxes forge forged forging forgery skimming_device carding card_dumps credit_card_dumps dark_web darknet insider_trading stolen_goods betrug* arnaque* estafa*",
			"fake* false forger* corrupt* illicit_money evasion theft swindl* deceiv* decepti* crime* criminal_finance"},
		{"porn* sexual sex erotic* erotik* érotique* nudes naked_photos nude_photos nude_pictures escort_service escort_services escorts prostitut* sex_work bdsm orgasm* masturbat* hentai blowjob* strip_club* camgirl* incest* fetish* bestiality zoophil* necrophil*",
			"sexuality sexually nude* nudity naked erotica brothel* sexe sexo seks"},
		{"child_abuse child_porn* csam pedophil* paedophil* molest* child_sexual sexual_abuse underage_girl* underage_boy* groom_a_child grooming_children",
			"child_abuse abuse* exploitation pedophilia grooming"},
		{"murder* mord ermord* meurtre* asesin* homicid* kill_someone kill_him kill_her kill_my kill_people killing_people stab_someone assassinat* genocid* lynch* arson arsonist* kidnap* abduct* hostage hostages strangl* tortur* massacre* behead* decapitat*" +
			" mass_shooting school_shooting beat_up beat_my hitman hit_man rape raped rapist* raping vergewaltig* violación viol hide_a_body dispose_of_a_body",
			"violen* kill* gewalt* crime* fire-setting assault* shooting* attack* harm physical_harm stabbing* crime* body_disposal sexual_assault"},
		{"terror* jihad* isis al-qaeda al_qaeda extremis* radicaliz* radicalis* suicide_bomb* white_supremac* neo-nazi* neo_nazi*",
			"propaganda radical* militant* nazi* supremac* insurgen* violen*"},
		{"racist* racism* rassis* racismo* slur slurs antisemit* anti-semit* hate_speech xenophob* homophob* islamophob* misogyn* transphob* ethnic_jokes inferior_race",
			"hate* hateful hass haine odio discriminat* bigot* prejudice* racial nazi* supremac* insult*"},
		{"stalk stalking stalker* harass* doxx* dox doxing revenge_porn cyberbull* bullying bully track_my_ex track_my_girlfriend track_my_wife spy_on read_her_messages read_his_messages follow_my_ex without_her_knowing without_him_knowing",
			"spy* surveil* tracking intimidat* threat* covert* secretly bullies privacy_invasion"},
		{"human_trafficking traffick* smuggl* slave_trade slavery forced_labor forced_labour organ_trade menschenhandel", "trafficking slave* smuggling exploitation"},
		{"gambl* glücksspiel* casino casinos sports_betting betting betting_sites online_betting apuestas", "gambling bet bets wager* spam lotter* roulette poker slot slots"},
		{"abortion* abtreibung* avortement* aborto*", "terminat* pregnancy_termination"},
		{"hiv aids syphilis chlamydia gonorrh* herpes std stds sti stis", "sexually_transmitted venereal infection*"},
		{"alcoholi* addicted addiction* withdrawal_symptoms sucht süchtig", "addict* alcohol* drinking rehab* recovery substance_abuse sobriety drug*"},
		{"anorexi* bulimi* pro-ana pro_ana thinspo starve_myself purge_after purging laxatives", "eating_disorder* eating_disorders starvation starving extreme_weight purge disordered_eating"},
		{"domestic_violence hits_me beats_me abusive abuser abused_by husband_hit häusliche_gewalt", "abuse* violen* battering"},
		{"shoplift* burglar* robbery robberies rob_a robbing hotwire pick_a_lock stealing steal_a steal_from theft einbruch* diebstahl* voler_dans robar", "theft* steal* rob* crime* thief thieves break-in* lock_picking lockpicking"},
		{"fake_news disinformation misinformation deepfake* fake_reviews propaganda troll_farm election_interference voter_suppression desinform*", "fake* false manipulat* conspirac* misleading"},
		{"dogfight* dog_fight* cockfight* animal_cruelty poach poaching torture_a_cat poison_a_dog poison_my", "cruelty animal_abuse abuse* poison*"},
		{"poison poisons poisoning poisonous_dose arsenic cyanide veneno vergift* empoisonn*", "poison* toxic* kill*"},
		{"plagiari* essay_mill cheat_on cheat_in cheating_on", "cheat* plagiarism dishonest* contract_cheating"},
	}
}

// softened refuses a label that keeps quiet about what most members are about,
// where that is a sensitive topic: one that has no word of the topic, nor of
// another that the members have.
func (c *checked) softened() error {
	label := newWordRow(c.label)
	var total, most int
	named := false
	row := make([]wordRow, len(c.members))
	for i, m := range c.members {
		row[i] = newWordRow(m)
	}
	touched := make([]bool, len(row))
	for _, t := range topics() {
		n := 0
		for i := range row {
			if row[i].has(t.signs) {
				n++
				touched[i] = true
			}
		}
		if n == 0 {
			continue
		}
		most = max(most, n)
		named = named || label.has(t.signs) || label.has(t.names)
	}
	for _, is := range touched {
		if is {
			total++
		}
	}
	if named || 2*most < len(row) && 3*total < 2*len(row) || most == 0 {
		return nil
	}
	return &RuleError{RuleSoftened, "does not say what the texts are about, which has a name"}
}

// A wordRow is the words of a text, for looking words and phrases up.
type wordRow struct {
	words []string
	text  string // the words, with a space before and after each
}

func newWordRow(s string) wordRow {
	words := tokens(s)
	return wordRow{words, " " + strings.Join(words, " ") + " "}
}

// has says whether one of the entries stands in the text.
func (r wordRow) has(entries string) bool {
	for entry := range strings.FieldsSeq(entries) {
		entry = strings.ReplaceAll(strings.ReplaceAll(entry, "_", " "), "-", " ")
		if prefix, ok := strings.CutSuffix(entry, "*"); ok {
			if strings.Contains(r.text, " "+prefix) {
				return true
			}
		} else if strings.Contains(r.text, " "+entry+" ") {
			return true
		}
	}
	return false
}
