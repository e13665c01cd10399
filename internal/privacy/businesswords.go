package privacy

// What is in a name of ordinary words or beside it, folded. A sentence with one
// of deals talks of somebody that one has business with.
const (
	deals = `contract account invoice invoices bill billing billed refund refunds refunded order ordered orders delivery deliveries delivered
		parcel shipment complaint complaints complain complained customer customers client clients supplier suppliers vendor employer employers employee
		employees employed employment job jobs work works worked working workplace position role internship intern interned interview interviewed
		interviewing application apply applied applying hired hire fired laid redundant resigned resign resignation quit salary payroll cover offer offers
		founded founder cofounder ceo cto cfo director manager analyst accountant nurse consultant receptionist trainee apprentice sales procurement lease
		insured insurance subscription subscribed membership cancel cancelled canceled bought purchased booked booking reservation
		technician hotline helpdesk representative appointment bank loan mortgage meeting workshop renewal partnership merger acquisition
		acquired joined join joining quote quotation estimate headquarters headquarter owe owes debt charged overcharged warranty repaired lawsuit sued negotiate
		negotiating negotiation pitch tender enrolled enrol enroll studied studies attends attend graduated starts started colleagues coworkers volunteer
		volunteered shift shifts stock shares maintain website portal api homepage
		proposal lawsuit newsletter minutes slogan subsidiary transferred doctor dentist surgeon study studying student kids landlord tenant budget analysis
		warranty deploy hosting host records spent stayed treated treatment campaign brochure
		vertrag konto rechnung rechnungen mahnung bestellung bestellt lieferung beschwerde reklamation kunde kunden kundin arbeite arbeitet arbeitete gearbeitet
		arbeitgeber stelle praktikum ausbildung vorstellungsgesprach bewerbung beworben bewerbe gehalt kundigung kundigen gekundigt buchhalter buchhalterin
		techniker angebot lieferant lieferanten vermieter versicherung versichert abgebucht erstattung werkstudent angestellt angestellte geschaftsfuhrer
		filiale kundendienst auftrag anschreiben mitarbeiter kollegen schicht gekauft leasing hotline
		kundenservice chef chefin studiere studiert lehre lehrstelle werbung newsletter garantie
		contrat compte facture factures commande livraison colis reclamation client cliente employeur travaille travaillais travail poste stage
		entretien candidature postule motivation salaire resilier resiliation demission embauche technicien devis fournisseur assurance remboursement comptable
		directeur directrice commercial abonnement achete inscrit
		inscrite alternance service etudie garantie
		contrato cuenta factura facturas pedido entrega paquete queja reclamacion cliente clienta empleador trabajo trabajaba trabaje puesto practicas
		entrevista candidatura presentacion sueldo cancelar despedido despidieron contable tecnico presupuesto proveedor seguro reembolso director
		directora compre atencion camarero camarera estudia estudio garantia
		contratto conto fattura fatture ordine ordinato consegna pacco reclamo datore lavoro lavoravo lavorato posto tirocinio colloquio
		presentazione stipendio disdire disdetta licenziato contabile preventivo fornitore assicurazione rimborso direttore direttrice comprato abbonamento
		assistenza cameriere cameriera studia garanzia iscritto iscritta
		conta fatura faturas encomenda reclamacao queixa empregador trabalho trabalhava trabalhei vaga estagio salario demitido contabilista orcamento
		fornecedor reembolso diretor diretora comprei atendimento estuda garcom garconete inscrito
		rekening factuur facturen bestelling besteld levering pakket klacht klant klanten werkgever werk werkte gewerkt baan sollicitatiegesprek
		sollicitatie solliciteer salaris opzeggen ontslagen boekhouder monteur offerte leverancier verzekering terugbetaling directeur gekocht abonnement klantenservice studeert
		garantie stageplek
		laid layoff layoffs severance payslip wages wage paycheck payment payments overtime contractor freelancer deal deals agreement partner partners
		partnered investor investors invested shareholder shareholders competitor competitors competition rival recruiter recruiters onboarding probation
		boss coworker colleague rent rents rented renting tenancy policy premium claim claims support replied responded branch warehouse factory receipt
		voucher returned returns sold sells supplied supplies shipped ships bankrupt bankruptcy announcement launch launched audited fined strike scammed scam review
		reviews teach teaches taught teacher enrolled tuition scholarship admitted admission hospitalised hospitalized surgery donated donation franchise shopping
		shopped reception switched switching provider left demo stall booth donate sponsor sponsors sponsored volunteering sublet payroll payout
		proposal feedback experience experiences board books bookkeeping presentation pitch logo flyer slides slideshow department onboarded nda headhunter headhunted redundancy paid pays merging merged ordering
		arbeitsvertrag aufhebungsvertrag abfindung lohn lohnabrechnung gehaltsabrechnung probezeit uberstunden kollege kollegin mitarbeiterin mitarbeiterinnen
		betriebsrat personalabteilung vorgesetzter vorgesetzte zusage absage bewerbungsgesprach eingestellt entlassen gefeuert abgemahnt abmahnung angebote anfrage
		kostenvoranschlag reparatur repariert montage termin kundennummer widerruf widerrufen ruckgabe zuruckgeschickt umtausch gutschrift stornieren storniert
		gebucht buchung reservierung bewertung konkurrent konkurrenten konkurrenz wettbewerber partner kooperation zusammenarbeit gesellschafter anteile aktien fusion
		ubernahme ubernommen gegrundet grunder miete gemietet mietvertrag hausverwaltung kredit darlehen schadensmeldung abgelehnt tarif anbieter wechseln gewechselt
		behandelt operiert gespendet angemeldet anmeldung verklagt klage schuldet bezahlt gezahlt zahlung uberwiesen uberweisung arbeiten jobbe jobbt vertrage
		lieferungen bestellungen beschweren beschwert gekuendigt kundenberater ansprechpartner vertreter praktikantin azubi kauf kaufvertrag mietet beauftragt beauftragen engagiert kaution mieterin mieter anzahlung erfahrung erfahrungen projekt prasentation logo betreuer
		travaillons travaillent travailler travaille embauche embauchee licencie licenciee licenciement preavis contrats interim collegue collegues patron patronne
		salarie salariee salaries stagiaire alternant apprentie recrute recrutement recruteur offre proposition signe loyer loue louons bail agence proprietaire sinistre
		rembourse remboursee livre livree commandes commande achat achats acheter clients clientes partenaire partenariat concurrent concurrents concurrence filiale actionnaire
		actions fusion rachat rachete fondateur fondee cofondateur avis plainte litige proces relance impaye paye payee paiement virement credit soigne soignee
		abonnee abonner panne reparation service equipe vendeur vendeuse embauches facturation contacte projet presentation confie caution experience
		trabajamos trabajan trabajar trabajado trabaja empleado empleada empleados contrataron contratado contratada despedida despido renuncie renuncia finiquito
		nomina jefe jefa companeros turno oferta ofertas propuesta firme firmar acuerdo alquiler alquilamos alquilo casero poliza siniestro reembolsar devolver devolucion
		pague pago pagado debe deuda cobraron pedi pedidos compra comprado vendio clientes socio socios alianza competidor competidores competencia filial acciones
		accionista fusion adquisicion fundador fundadora demanda denuncia resena soporte averia reparacion prestamo hipoteca operaron cita inscrita matricula
		suscripcion equipo factura servicio pedido garantia contrate contrato vendedor vendedora proyecto experiencia contratamos fianza trabajando
		lavoriamo lavorano lavorare assunto assunta assunzione dipendente dipendenti licenziata licenziamento dimissioni dimesso capo collega colleghi turno proposta
		offerta firmato accordo affitto affittiamo polizza sinistro rimborsato rimborsare restituire reso pagato pagamento debito addebitato ordini acquisto acquistato
		venduto clienti cliente socio soci concorrente concorrenti concorrenza filiale azioni azionista fusione acquisizione fondatore fondatrice fondato denuncia recensione
		supporto guasto riparazione prestito mutuo operato operata appuntamento apprendista servizio fattura contratti progetto affidato incaricato caparra esperienza presentazione
		trabalhamos trabalham trabalhar trabalhando trabalhei contratado contratada demitida demissao despedido despedida dispensado funcionario funcionaria funcionarios chefe
		colegas turno proposta oferta assinei contratos acordo aluguel arrendamento senhorio apolice sinistro devolver devolucao paguei pagamento pagou divida cobraram
		pedidos pedido compra vendeu clientes socio socios parceiro parceria concorrente concorrentes concorrencia filial acoes acionista fusao aquisicao fundador fundadora
		processo denuncia avaliacao suporte avaria conserto emprestimo estagiario estagiaria consulta equipe servico trabalha projeto experiencia contratamos caucao estagiar apresentacao
		werken aangenomen ontslag contracten loon salarisstrook collega baas stage stagiair recruiter aanbod aanbieding voorstel getekend overeenkomst huur huren verhuurder
		polis schade terugbetalen retour betaald betaling schuld bestellingen aankoop verkocht klanten partner samenwerking concurrent concurrenten concurrentie aandelen
		aandeelhouder fusie overname overgenomen oprichter opgericht rechtszaak beoordeling helpdesk storing reparatie lening hypotheek geopereerd afspraak ingeschreven
		gesprek medewerker medewerkers klacht bestellen huren nota betalen project ervaring ingehuurd borg ervaringen presentatie`
	dealers = `through at for from with of by to bei beim fur von an mit chez pour de d a au avec par en con para por del presso per da di dal dalla dall al alla all na no do com
		pela pelo ao voor bij van aan met against between gegen contre contra contro tegen zwischen tra tussen nel nella nelle degli`
	articles = `the le les l el los las la il lo o der die das den dem de het`
	acts     = `charged charges charging suing ignoring refusing cancelling offered offers promised promises refused refuses rejected rejects fired hired hires owes overcharged billed
		invoiced delivered cancelled canceled sued acquired announced terminated declined ghosted shipped lost denied denies
		verlangt bietet schickt liefert kundigt lehnt berechnet facture factura cobra cobro ofrece ofrecio rechazo envio despidio cobrou ofereceu recusou enviou
		offre rifiuta refuse propose exige demande weigert biedt levert laid refunded suspended closed raised reimbursed fires lays discontinued evicted verklagt kundigte mahnt schuldet zahlt liefert verweigert storniert
		licencie facture livre rembourse doit despide vende debe cancela cancelo paga pago deve vendeu cancelou demitiu atrasou licenzia vende consegna annulla fattura levert betaalt ontslaat annuleert`
	concerns = `shop store business startup company agency restaurant cafe firm studio salon practice clinic brand boutique webshop bakery bar pub gym band
		school club charity hotel farm laden geschaft firma unternehmen backerei praxis verein entreprise magasin societe agence boulangerie tienda negocio empresa
		agencia panaderia negozio ditta azienda agenzia loja agencia padaria winkel bedrijf zaak bakkerij landlord employer`
	ours = `me my us our mine mi mir mich mein meine meinen meinem meiner uns unser unsere unserem m mon ma mes notre nos nous mio mia mis nuestro nuestra
		ci nostro nostra meu minha nosso nossa mij mijn ons onze`
	heads = `hotel hostel cafe caffe cafeteria restaurant ristorante restaurante bistro brasserie brasserij trattoria osteria pizzeria pasticceria panetteria panaderia padaria
		boulangerie patisserie boucherie backerei konditorei metzgerei fleischerei bakkerij slagerij gasthof gasthaus wirtshaus brauerei cantina bodega taberna bar pub
		farmacia apotheke apotheek pharmacie autohaus autofficina officina garage taller talleres werkstatt kwekerij schreinerei zimmerei tischlerei elektro
		spedition kanzlei praxis zahnarztpraxis klinik klinikum clinica clinique kliniek hospital hopital ospedale krankenhaus ziekenhuis
		kita kindergarten grundschule realschule gesamtschule gymnasium hochschule schule basisschool school escola escuela colegio instituto liceo scuola ecole lycee college
		universidad universidade universita universitat universite universiteit akademie academia accademia
		ayuntamiento mairie comune gemeente stadtwerke landratsamt rathaus camara prefecture finanzamt amtsgericht
		sparkasse volksbank raiffeisenbank banque banco banca assurances seguros mutuelle assurance versicherung
		grupo gruppo groupe gruppe editorial editora editions editore verlag imprimerie druckerei librairie libreria livraria buchhandlung ferreteria supermercado supermercato
		supermarche inmobiliaria imobiliaria immobiliare studio cabinet maison societe societa sociedad construtora constructora transports transportes
		stichting fundacion fundacao fondation fondazione stiftung verein clube club asociacion associacao associazione association zorggroep techniek
		weingut hof reiterhof pension pensione
		fahrschule tanzschule musikschule reitschule friseur friseursalon blumenhaus optiker dachdecker malerbetrieb steuerberatung immobilien reiseburo pflegedienst seniorenheim
		altenheim tierarztpraxis hausarztpraxis gemeinschaftspraxis physiotherapie ergotherapie logopadie kosmetikstudio fitnessstudio gartnerei baumschule mobelhaus kinderkrippe stiftung
		sanitar hausverwaltung gebaudereinigung landgasthof mietwagen
		coiffeur fleuriste creche epicerie fromagerie plomberie menuiserie quincaillerie notaire syndicat editions auberge maternelle residence domaine chateau
		autoescuela peluqueria floristeria carniceria pescaderia zapateria guarderia notaria asesoria bufete gestoria fruteria heladeria cerveceria lavanderia papeleria cooperativa constructora bodegas
		autoscuola parrucchiere macelleria gelateria salumificio panificio carrozzeria edilizia impresa tipografia cantine agriturismo enoteca oleificio
		cabeleireiro talho acougue mercearia papelaria oficina pastelaria churrascaria clinica imobiliaria padaria colegio escritorio autoescola
		rijschool kapsalon bloemist dierenkliniek dierenarts makelaar makelaardij advocatenkantoor fietsenwinkel kinderopvang woonzorgcentrum praktijk huisartsenpraktijk aannemer loodgieter
		installatiebedrijf schildersbedrijf drukkerij uitgeverij camping basisschool middelbare brouwerij`
	// Heads that English uses too, so that an ordinary word behind one says nothing: Hotel Booking.
	englishHeads = `hotel hostel cafe cafeteria restaurant bistro bar pub pizzeria garage studio cabinet clinic school college hospital pharmacy club association camping residence pension
		institute maison chateau taller bodega cantina trattoria osteria brasserie academia verein hof elektro editions editorial grupo gruppe groupe studio spedition praxis immobilien pension`
	insides = `de du des d la le les l el los las di del della dei delle da do dos das am an zum zur im of und et y e und van der den het`
	topics  = `hr it vat irs tax pdf ceo cto cfo hse qa ai ux ui api sql usa uk eu us cv phd mba bsc msc gdpr faq asap rsvp diy tv pc ok id pin iban
		english german french spanish italian hindi urdu bengali tamil telugu punjabi mandarin cantonese latin hebrew farsi swahili maths math mathematics physics chemistry biology history geography economics music sports
		navidad natale noel pascoa pascua paques pasqua kerst weihnachten ostern pasen semana santa primaria secundaria bachillerato gemeente ayuntamiento
		christmas easter halloween ramadan thanksgiving god internet web wifi
		marketing sales finance legal support product design engineering accounting logistics purchasing procurement operations research development
		department management manager engineer developer analyst designer assistant accountant consultant director scientist nurse teacher
		human resources customer service senior junior lead head chief officer intern specialist administrator coordinator
		mom mum dad grandma grandpa boss home office recursos humanos ressources humaines risorse umane personnel`
	posts = `head manager director engineer developer analyst accountant nurse teacher assistant consultant intern sales marketing president officer
		lead specialist leiter leiterin responsable directeur director responsabile direttore diretor gerente hoofd`
	// What somebody writes to somebody.
	writings = `press release email emails mail mails letter message messages reminder note memo reply respond write writing draft send sent request notify inform contact
		schreiben schreibe schreib formuliere formulier verfasse brief nachricht mahnung antwort anfrage sende schicke
		ecris ecrire redige rediger courriel courrier lettre message relance envoyer envoie reponse
		escribe escribir escribeme redacta correo carta mensaje envia respuesta
		scrivi scrivere scrivimi lettera messaggio invia risposta
		escreva escreve escrever carta mensagem envie responder
		schrijf schrijven brief bericht stuur antwoord`
	// Kinds of things that a heading or a name of a concept ends with; such is no
	// organisation by its capitals alone.
	concepts = `verschil diferencia differenza diferenca learning science sciences engineering design theory law laws history theorem principle principles effect war wars revolution empire test tests exam exams letter
		letters report reports plan plans agreement agreements policy policies form forms chapter section table tables figure step part question questions exercise lesson level grade class
		classes department team manager programming development analysis intelligence management marketing method methods model models problem problems syndrome disease disorder therapy diet salad soup
		recipe recipes cake bread bang age ages period era century act amendment constitution system systems chart charts cycle cycles network networks processing algorithm algorithms structure
		structures pattern patterns function functions statement statements summary guide list page pages post posts article essay story stories poem song songs movie film book books show shows
		mechanics physics photosynthesis engineer engineers developer developers designer designers analyst nurse assistant accountant consultant scientist director lead specialist coordinator
		administrator architect tester writer editor representative associate intern clerk series season episode day days night week month year eve birthday friday monday tuesday wednesday thursday saturday sunday morning afternoon evening party kit
		degree certificate certification license exchange rate budget goals goal skills skill practices practice tips ideas studies study art arts rights change warming crisis economy market markets cookies
		chicken rice curry tea coffee cream sauce pie wine beer cheese prejudice punishment peace rings bible testament commandments dream renaissance year's board jury union
		unemployment code codes number numbers id file files folder button menu screen field fields mode view tab
		executive officer president minister secretary council committee congress senate court police army navy force forces party parliament
		hiring resources directors governors trustees`
	// Small words that tell the language.
	englishWords = `the and of to is it that for you i my with are have was but not this be your how what can they we our do did`
	sparingWords = `le les des du et est une je mon ma mes nous pour avec dans que qui pas el los las y es un una mi con por para del al como il gli di che non per
		sono mia mio da della dalla ho ha os um uma nao na da do em com meu minha nos pela pelo foi het een en van ik niet op mijn voor met aan bij wij heb
		hebben wordt lo la mis muy fue era sur au aux ce cette votre`
)
