// Package planted makes conversations with personal data in them, for tests:
// what was planted is known, and so it can be searched for in whatever is
// written. Its names, organisations and sentences are kept apart from the
// lists of the privacy package, so that what is measured is the first sight of
// a name; a test holds them apart. Nothing here is to be used for tuning.
package planted

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A Kind is what was planted.
type Kind string

// The kinds without a form of their own. All others are in Structured.
const (
	Name         Kind = "name"
	Organization Kind = "organization"
)

// An Item is a piece of personal data in a conversation.
type Item struct {
	Kind Kind
	Text string // as it is written there
}

// Structured tells whether a kind has a form of its own.
func (k Kind) Structured() bool { return k != Name && k != Organization }

// Parts are the strings by which an item is recognised if one of them is left:
// for a name each of its words, for everything else the whole.
func (i Item) Parts() []string {
	if i.Kind != Name {
		return []string{i.Text}
	}
	return strings.Fields(i.Text)
}

// A Conversation has turns of the user and the assistant, the user's first.
type Conversation struct {
	ID       string
	Language string
	Turns    []string
	Items    []Item
}

// Conversations makes n conversations. The same seed makes the same.
func Conversations(seed uint64, n int) []Conversation {
	out := make([]Conversation, n)
	for i := range out {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		out[i] = conversation(r, i)
	}
	return out
}

func conversation(r *rand.Rand, i int) Conversation {
	l := languages[0]
	if r.IntN(2) == 0 {
		l = languages[r.IntN(len(languages))]
	}
	c := Conversation{ID: fmt.Sprintf("planted-%d", i), Language: l.code}
	pairs := 1 + r.IntN(4)
	topic := l.topics[r.IntN(len(l.topics))]
	for turn := range pairs {
		var user []string
		if turn == 0 {
			user = append(user, topic)
		}
		for range 1 + r.IntN(2) {
			s, item := l.plant(r)
			user = append(user, s)
			c.Items = append(c.Items, item)
		}
		c.Turns = append(c.Turns, strings.Join(user, " "), l.answers[r.IntN(len(l.answers))])
	}
	return c
}

// plant makes a sentence with an item.
func (l *language) plant(r *rand.Rand) (string, Item) {
	var item Item
	var carriers []string
	switch n := r.IntN(10); {
	case n < 4:
		item = Item{Name, FullName(r)}
		if r.IntN(4) == 0 {
			item.Text = First(r)
		}
		carriers = l.names
	case n < 6:
		item = Item{Organization, organizations[r.IntN(len(organizations))]}
		carriers = l.organizations
	default:
		k := Kinds[r.IntN(len(Kinds))]
		item = Item{k.Kind, k.Make(r)}
		carriers = l.structured[k.Kind]
		if len(carriers) == 0 {
			carriers = languages[0].structured[k.Kind]
		}
	}
	return strings.ReplaceAll(carriers[r.IntN(len(carriers))], "%", item.Text), item
}

// First is a first name.
func First(r *rand.Rand) string { return firsts[r.IntN(len(firsts))] }

// FullName is a first and a family name.
func FullName(r *rand.Rand) string { return First(r) + " " + lasts[r.IntN(len(lasts))] }

// Names are all first names, family names and organisations.
func Names() (first, last, orgs []string) { return firsts, lasts, organizations }

var firsts = strings.Fields(`
Thorfinn Ottoline Leocadia Perpetua Tancredi Zdislava Aurelio Fructuoso Melisande Ysolde Hyacinth Barnabe 
Domitilla Eufemia Fiammetta Hildegund Jacinthe Kreszenz Lucretia Mechtild Nicanor Odoardo Philomena Quirinus 
Scholastica Theodosia Ubaldo Venceslao Wilhelmus Xanthippe Yolanthe Zenobia Adelmar Bertrade Chiamanda 
Dilnoza Ebenezer Fumiaki Gulbahar Hyunsik Jowita Kazimir Lwandle Mbali Nkiruka Paraskeva Sibongile Temperance 
Ulvhild Vasanta Wulfric Yerbolat Zuleikha Anoushka Bhargav Chandrika Devendran Eshwar Gayathri Hariharan 
Ilakkiya Jagannath Kalpesh Lavkush Maitreyi Nandakumar Omprakash Pavithra Raghunath Samyukta Thirumal Ujjwal 
Vidhya Yuvraj Zubeida Abiodun Bolatito Chukwuebuka Dumebi Ekene Folarin Gbemisola Habibatou Ifedayo Jumoke 
Kwabenah Lesedi Mamello Ntombizodwa Olayinka Phenyo Simisola Tshepiso Unathi Wangechi Yonela Zukiswa Asgerd 
Borghild Caecilie Dagny Eystein Fridtjof Gyrid Hallvard Ingolf Jorunn Ketil Oddbjorn Ragnvald Sunniva 
Torbjorn Ulvar Vigfus Ylva Aslaug Crispin Desideria Evaristo Filiberto Gesualdo Hermenegildo Idoia Jokin 
Koldobika Maialen Nekane Oihana Pantxika Saioa Txomin Urtzi Ximun Yosune Zigor Bolormaa Enkhjargal Ganbaatar 
Khongorzul Munkhbat Oyunbileg Tsetseg Batbayar Saikhan Fenglin Guoqing Haoyang Jinhua Kexin Lixia Mengqi 
Peizhi Ruolan Shufen Tianhao Weizhen Xiaowen Yinghao Zhiyong Bunko Chiharu Fumino Genzo Hideyo Isao Junpei 
Kanjiro Mitsuru Nagisa Otohiko Rikuto Shunpei Tokiko Umeji Wataru Yohei Zenji Donghae Eunkyung Gyuri Haneul 
Inseok Jaehwan Kyuhyun Mirae Nayoung Okhee Taejoon Uijin Wonbin Yeonwoo Ambrosine Bartholome Clotilde 
Dieudonnee Emerence Foulques Gontran Hermeline Isaure Josquin Maelig Nolwenn Oriane Prosper Quitterie Rozenn 
Sidonie Tiphaine Urbain Violaine Yseult Zephyrin
`)

var lasts = strings.Fields(`
Abernethy Bickerstaff Cholmondeley Dunwoody Entwhistle Featherstone Gildersleeve Higginbotham Inchbald 
Jellicoe Kettleborough Lillywhite Mainwaring Nettleship Ollerenshaw Pennefather Quartermain Ravenscroft 
Shuttleworth Thistlethwaite Uttley Vavasour Wigglesworth Yelverton Arkwright Blenkinsop Dalrymple Etherington 
Fanshawe Grimshaw Heathcote Kirkbride Longbottom Micklethwaite Oglethorpe Postlethwaite Ramsbottom Sidebottom 
Tattersall Wolstenholme Achterberg Bleichenbacher Czerwinski Dallmayr Eisenhauer Froehlich Grillparzer 
Hagedorn Iffland Jungnickel Kestenholz Lichtenberg Nachtigall Ochsenknecht Pfannenstiel Quandt 
Rummenigge Schweinsteiger Tischbein Uhlenhorst Vollbrecht Wackernagel Zwiebel Aguirrezabala Bengoechea 
Caballeria Domenech Echeandia Fuentealba Gorostiaga Huidobro Irarrazaval Jauregui Larrazabal Monasterio 
Nozaleda Olazabal Pellicer Quinteros Rebollar Sahagun Tagliaferro Urdangarin Villaverde Yturralde 
Zumalacarregui Bevilacqua Cacciatore Dragonetti Evangelisti Fornaciari Guicciardini Imbriani Lampedusa 
Malaspina Notarbartolo Ottoboni Pallavicini Quintavalle Ruffolo Spadaccini Tornabuoni Vendramin Zambelli 
Beauchemin Courtemanche Deslauriers Fauteux Guillemette Labrecque Mondoux Archambault Robitaille Sansregret 
Thivierge Vadeboncoeur Brzezinski Chmielnicki Dzierzynski Gajewski Hrabovsky Jagiello Krasicki Leszczynski 
Mickiewicz Niemcewicz Orzeszko Paderewski Radziwill Sienkiewicz Szymborska Tetmajer Wyspianski Zapolska 
Bezrukov Chkalov Derzhavin Glinka Kropotkin Lomonosov Mayakovsky Nakhimov Oblomov Prigozhin Repin Skryabin 
Tyutchev Vernadsky Wrangel Zoshchenko Anifowoshe Babalola Chukwuemerie Dosunmu Ekwueme Fagbenle Gbadamosi 
Ikejiani Jibunoh Kuforiji Lawanson Madueke Nzeribe Odumegwu Popoola Ransome Sijuade Ugochukwu Wokocha Yakasai 
Achebong Bhattathiri Chidambaram Dikshitar Elangovan Ganapathy Hiremath Jagtap Kallianpur Lokhande Muthuswamy 
Nagarkar Oommenchandy Parthasarathy Ramalingam Sundararajan Thirunavukkarasu Unnikrishnan Vaidyanathan 
Wankhede Yesudas Zacharia Akizuki Bessho Chikamatsu Dazai Edogawa Futabatei Genda Hirohashi Iwakura Jinnouchi 
Kitagawa Minamoto Natsume Okakura Ryuzaki Shimazaki Tanizaki Uesugi Wakatsuki Yosano Zaitsu Absalonsen 
Bjerknes Christoffersen Dybwad Engelstad Falkenberg Gyllensten Heyerdahl Ibsensen Jarlsberg Knutzon 
Lagerkvist Mowinckel Nordenskiold Oxenstierna Rosenqvist Stjernstrom Tordenskjold Uggerud Wergeland Yngvesson 
Zetterstrom
`)

var organizations = strings.Split("Brightmoor Analytics|Quellwerk Systems GmbH|Tarnfield & Voss|Ostrava Dynamics Ltd|Nimbus Orchard Inc.|Hollowell Freight LLC|Verdantis Pharma|Kestrelworks|Pellucid Robotics|Maréchal Frères SARL|Grupo Almazara S.A.|Bergqvist Maskin AB|Zonnebloem Logistiek B.V.|Ferrovento S.p.A.|Tidewrack Insurance|Copperleaf Foods Corporation|Lantern Hill Hospital|Saltmarsh Media|Arbutus Capital Partners|Drumlin Engineering|Stromwerke Altenau AG|Quorndale University|Fennimore College|Redgauntlet Consulting|Ysgol Mynydd Foundation|Harrowgate Biosciences|Ondine Cosmetics|Skyrmion Labs|Plover Bank|Ambleforth Group", "|")
