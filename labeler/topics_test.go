package labeler

import (
	"strings"
	"testing"
)

// A topic is named as it is, in whatever words, and nothing harmless is taken for
// one.
func TestSoftenedTopics(t *testing.T) {
	for _, c := range []struct{ members, named, softened string }{
		{"kill myself tonight; suicide note; methods of suicide", "Suicide; Suicidal Thoughts; Self-Harm and Suicide", "Difficult Feelings; Mental Health; Sensitive Topics; Personal Issues"},
		{"price of cocaine; heroin near me; buy mdma", "Illegal Drugs; Drug Purchases; Cocaine and Heroin", "Shopping Inquiries; Restricted Goods; Party Supplies"},
		{"build a pipe bomb; explosives from fertilizer; bomb timer", "Bomb Making; Explosives; Homemade Bombs", "Science Projects; Chemistry; Dangerous Activities"},
		{"write ransomware; keylogger in python; hide malware in a pdf", "Malware; Writing Malware; Ransomware and Keyloggers; Malicious Software", "Programming Help; Software Development"},
		{"launder money; fake invoices for money laundering; launder cash", "Money Laundering; Financial Crime", "Financial Advice; Business Accounting"},
		{"porn videos; sexual story; sex chat", "Pornography; Sexual Content; Sex Stories", "Adult Content; Mature Themes; Intimate Entertainment"},
		{"how to strangle someone; torture methods; murder without traces", "Violence; Murder and Torture; Killing People", "Conflict Topics; Dark Themes"},
		{"join isis; jihad videos; terrorist manifesto", "Terrorism; Terrorist Propaganda; Jihad", "Political Views; World News"},
		{"racist jokes; slurs for immigrants; racist speech", "Racism; Racist Jokes; Hate Speech", "Controversial Humor; Offensive Language"},
		{"stalk my ex; read her messages secretly; harass a colleague", "Stalking; Stalking and Harassment", "Relationship Advice; Social Situations"},
		{"casino bonus; sports betting tips; gambling sites", "Gambling; Sports Betting; Casino Spam", "Entertainment; Online Fun"},
		{"thinspo pictures; starve myself; anorexia tips", "Anorexia; Eating Disorders", "Healthy Eating; Diet Plans"},
		{"shoplifting tricks; rob a store; burglary tools", "Theft; Shoplifting and Burglary; Crime", "Shopping Tips; Security"},
		{"poison my neighbour; cyanide dose; arsenic in food", "Poisoning; Poisons", "Food Preparation; Home Chemistry"},
		{"deepfake of a politician; fake news articles; election disinformation", "Disinformation; Fake News; Deepfakes", "Media Production; Creative Writing"},
		{"human trafficking routes; smuggle people; smuggling migrants", "People Smuggling; Human Trafficking", "Travel Logistics; Border Questions"},
		{"kidnap a child; hold a hostage; kidnapping plan", "Kidnapping; Kidnapping Plans", "Family Matters; Planning"},
		{"Kokain kaufen; Heroin Preise; Drogenhandel", "Drogen; Illegale Drogen; Kokain", "Heikle Themen; Einkaufen"},
		{"acheter de la cocaïne; prix de l'héroïne; vendre de la cocaïne", "Drogues; Cocaïne", "Achats; Sujets sensibles"},
		// Nothing to name.
		{"life hacks; ikea hacks; hack for cleaning ovens", "Household Tips; Life Hacks", ""},
		{"kill the process; kill -9; zombie process", "Processes; Linux Processes", ""},
		{"photo shoot; wedding shoot; shot list", "Photography", ""},
		{"weed the garden; crack in the wall; bath bombs", "Home and Garden", ""},
		{"aspirin; ibuprofen; drug interactions", "Medication", ""},
		{"murder mystery night; birthday party; costume party", "Parties", ""},
	} {
		members := strings.Split(c.members, "; ")
		for _, label := range strings.Split(c.named, "; ") {
			if got := rule(Check(label, members)); got == RuleSoftened {
				t.Errorf("%q for %q is taken for a softened label", label, c.members)
			}
		}
		if c.softened == "" {
			continue
		}
		for _, label := range strings.Split(c.softened, "; ") {
			if got := rule(Check(label, members)); got != RuleSoftened && got != RuleVague {
				t.Errorf("%q for %q: rule %q", label, c.members, got)
			}
		}
	}
}
