"""How words of languages with uneven spelling sound: `word sounds` pairs, one language a text."""


def read_pairs(text: str) -> dict[str, str]:
    """word -> sounds."""
    items = text.split()
    return dict(zip(items[::2], items[1::2], strict=True))


ENGLISH = read_pairs("""
i aI we wi you ju they DeI she Si he hi me mi us Vs my maI your jOr our aUr the D@ a @ an {n and {nd in In
on On of Vv to tu from frVm with wID for fOr over oUv3 under Vnd3 into Intu through Tru by baI at {t
until @ntIl before bIfOr after {ft3 behind bIhaInd beyond bIjAnd near nIr when wEn all Ol every Evri
another @nVD3 no noU not nAt never nEv3 always OlweIz again @gEn today t@deI tonight t@naIt
tomorrow t@mAroU now naU here hIr follow fAloU find faInd hold hoUld hear hIr see si need nid know noU
remember rImEmb3 carry kEri call kOl chase tSeIs feel fil sing sIN paint peInt believe b@liv leave liv
love lVv want wAnt keep kip lose luz dream drim wait weIt run rVn fall fOl dance d{ns breathe briD
walk wOk come kVm stay steI rise raIz shine SaIn fly flaI can k{n will wIl won't woUnt don't doUnt was wVz
are Ar is Iz would wUd light laIt night naIt river rIv3 morning mOrnIN summer sVm3 winter wInt3
window wIndoU city sIti mountain maUntIn ocean oUS@n fire faI3 water wOt3 shadow S{doU silver sIlv3
golden goUld@n broken broUk@n secret sikrIt open oUp@n little lIt@l hollow hAloU quiet kwaI@t
lonely loUnli burning b3nIN falling fOlIN heart hArt moon mun stars stArz star stAr sky skaI sea si
rain reIn road roUd door dOr song sON name neIm voice vOIs hand h{nd eyes aIz home hoUm dreams drimz
story stOri letter lEt3 signal sIgn@l whisper wIsp3 thunder TVnd3 garden gArd@n train treIn world w3ld
wind wInd line laIn wire waI3 side saId bed bEd streets strits clouds klaUdz trees triz hills hIlz
waves weIvz lights laIts days deIz bridge brIdZ sun sVn time taIm baby beIbi darling dArlIN oh oU
friend frEnd hey heI yeah jE one wVn more mOr deep dip slow sloU high haI far fAr away @weI down daUn
back b{k up Vp alone @loUn together t@gED3 dark dArk dawn dOn
""")
FRENCH = read_pairs("""
je Z@ tu ty il il elle El nous nu on O~ me m@ te t@ mon mO~ ma ma ton tO~ ta ta le l@ la la les le un E~
une yn des de de d@ du dy dans da~ sur syR sous su avec avEk sans sa~ vers vER pour puR au o à a et e
en a~ ce s@ cette sEt cherche SERS garde gaRd chante Sa~t attends ata~ veux v2 vois vwa perds pER suis sHi
aime Em danse da~s oublie ubli rêve REv cours kuR entends a~ta~ porte pORt trouve tRuv marche maRS
reviens R@vjE~ reste REst quitte kit nuit nHi jour ZuR lune lyn mer mER ciel sjEl soleil sOlEj pluie plHi
vent va~ feu f2 coeur k9R voix vwa main mE~ yeux zj2 route Rut ville vil maison mEzO~ porte pORt
fenêtre f@nEtR silence sila~s lumière lymjER étoile etwal chanson Sa~sO~ chemin S@mE~ rivière RivjER
montagne mO~taJ jardin ZaRdE~ matin matE~ hiver ivER été ete amour amuR ami ami belle bEl petit p@ti
grand gRa~ dernier dERnje premier pR@mje secret s@kRE bleu bl2 toujours tuZuR jamais ZamE encore a~kOR
demain d@mE~ loin lwE~ ici isi maintenant mE~tna~ plus ply tard taR toi twa moi mwa oh o oui wi viens vjE~
rien RjE~ seul s9l ensemble a~sa~bl soir swaR ombre O~bR monde mO~d rues Ry toits twa vagues vag
arbres aRbR temps ta~ histoire istwaR nom nO~ ma ma
""")
GERMAN = read_pairs("""
ich IC du du wir via er ea sie zi mich mIC dich dIC uns Uns mein maIn meine maIn@ dein daIn deine daIn@
der dea die di das das den den dem dem ein aIn eine aIn@ einen aIn@n und Unt in In im Im am am an an
auf aUf aus aUs bei baI bis bIs durch dUrC für fyR mit mIt nach nAx über ybR unter UntR vor foR zu tsu
vom fOm zum tsUm hinter hIntR suche zux@ halte halt@ höre h2R@ sehe ze@ liebe lib@ trage tRag@ finde fInd@
singe zIN@ träume tROIm@ laufe laUf@ warte vaRt@ tanze tants@ bleibe blaIb@ gehe ge@ fliege flig@
falle fal@ kenne kEn@ brauche bRaUx@ male mal@ folge fOlg@ rufe Ruf@ glaube glaUb@ nacht naxt licht lICt
herz hERts mond mont sonne zOn@ sterne StERn@ stern StERn himmel hIm@l regen Reg@n wind vInt meer mEa
see ze fluss flUs berg bERk straße StRas@ stadt Stat tür tyR fenster fEnstR lied lit stimme StIm@
hand hant augen aUg@n weg vek haus haUs traum tRaUm träume tROIm@ feuer fOIR wasser vasR schatten Sat@n
stille StIl@ garten gaRt@n morgen mORg@n abend ab@nt tag tak winter vIntR sommer zOmR welt vElt zeit tsaIt
name nam@ namen nam@n brücke bRyk@ wald valt wellen vEl@n wolken vOlk@n alte alt@ kleine klaIn@
letzte lEtst@ neue nOI@ dunkle dUNkl@ helle hEl@ leise laIz@ immer ImR nie ni wieder vidR heute hOIt@
jetzt jEtst hier hiR weit vaIt noch nox einmal aInmal allein alaIn zusammen tsuzam@n komm kOm bleib blaIp
oh o ja ja mir mia dir dia freund fROInt schön S2n
""")
PORTUGUESE = read_pairs("""
eu eU tu tu você vose nós nOs ele eli ela Ela me mi te tSi meu meU minha miJa teu teU tua tua o u a a
os us as as um um uma uma de dZi do du da da dos dus em E~ no nu na na nas nas por pu4 pela pela com kO~
sem sE~ até atE para pa4a sob sob sobre sob4i e i que ki procuro p4oku4u guardo gwa4du canto ka~tu
espero iSpE4u quero kE4u vejo veZu perco pe4ku amo amu danço da~su sonho soJu corro koRu ouço osu
levo lEvu encontro E~kO~t4u sigo sigu deixo deISu sinto simtu noite noItSi dia dZia lua lua mar ma4
céu sEU sol sOw chuva Suva vento vE~tu fogo fogu coração ko4asa~w voz vOs mão ma~w olhos Oljus rua hua
cidade sidadZi casa kaza porta pO4ta janela ZanEla silêncio silE~siu luz lus estrela iSt4ela
canção ka~sa~w caminho kamiJu rio hiu montanha mO~taJa jardim Za4dZim manhã maJa~ inverno imvE4nu
verão ve4a~w amor amo4 tempo tE~pu mundo mumdu nome nomi sombra sO~b4a ondas O~das ponte pO~tSi
saudade saUdadZi sempre sE~p4i nunca numka amanhã amaJa~ agora agO4a aqui aki longe lO~Zi outra ot4a
vez ves vem vE~ meu meU bem bE~ oh o sozinho sOziJu juntos Zumtus devagar dZivaga4 velha vElja nova nOva
""")
