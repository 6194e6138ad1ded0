"""What our singers sing about: phrases in ten languages that combine to lines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bank:
    """Phrases of one language.

    doing: subject and verb.  things: objects.  places: where and when.  calls: exclamations.  verb_last: the
    verb follows its object.
    """

    name: str
    doing: tuple[str, ...]
    things: tuple[str, ...]
    places: tuple[str, ...]
    calls: tuple[str, ...]
    verb_last: bool = False


def make_bank(name: str, text: str, verb_last: bool = False) -> Bank:
    """A bank from four paragraphs of phrases apart by |: doing, things, places, calls."""
    paragraphs = [" ".join(lines.split()) for lines in text.split("\n\n")]
    doing, things, places, calls = (tuple(p.strip() for p in lines.split("|")) for lines in paragraphs)
    return Bank(name, doing, things, places, calls, verb_last)


ORDERS = ("dt", "dtp", "dp", "cdt", "dtc", "tp", "pc", "dtpc", "pdt")  # of doing, things, places, calls
ORDERS_VERB_LAST = ("td", "ptd", "pd", "ctd", "tdc", "tp", "pc", "ptdc", "cpd")
BANKS = {
    "en": make_bank(
        "English",
        """
I follow | you carry | we chase | I hear | I will find | they call | I need | we believe | I can feel |
you hold | we sing | I remember | don't lose | I would paint | I keep

the light | the river | a golden morning | your shadow | a secret door | the silver moon | my broken song
| every star | the open road | another summer | your voice | a quiet fire | the falling rain | my name |
the story | a lonely train | the dream | your burning heart | the signal | the thunder

in the night | over the water | under the stars | through the city | until the dawn | by the window | on
the mountain | behind the clouds | near the sea | after the rain | in your eyes | down the road | beyond
the hills | when we fall | into the dark | far away | at the bridge | from the garden

oh darling | tonight | again | hey friend | my love | come home | one more time | yeah | never alone | all
together | fly high | slow down | away | oh | today | now
""",
    ),
    "es": make_bank(
        "Spanish",
        """
yo busco | tú llevas | siento | quiero | vamos a cantar | no olvido | sigo | te pido | guardo | escucho |
perdimos | espero | encuentro | pinto | recuerdo

la luna | tu voz | el mar | una canción | la noche entera | mi corazón | el camino | tus ojos | la lluvia
| un secreto | el fuego | las estrellas | tu nombre | la ventana | el silencio | otro verano

en la ciudad | bajo el sol | por la mañana | sobre el agua | sin miedo | en la montaña | hasta el final |
cerca del río | con el viento | en la sombra | detrás del cielo | a tu lado | lejos de aquí | en el jardín

mi amor | otra vez | amigo | ven aquí | siempre | para ti | nunca más | despacio | oh | mañana | ahora
""",
    ),
    "de": make_bank(
        "German",
        """
ich suche | ich höre | ich finde | ich halte | ich liebe | ich sehe | ich male | ich trage | ich brauche |
ich singe | ich kenne

das licht | deine stimme | den mond | die sterne | mein herz | die alte stadt | den weg | das meer | ein
lied | deine hand | den himmel | die stille | meine träume | das feuer | den regen | die kleine tür |
deine augen

in der nacht | am fenster | im regen | über dem meer | unter dem himmel | bis zum morgen | auf der straße
| vor dem haus | durch den wald | mit dir | hinter den wolken | im garten | am fluss | in der stille

oh mein herz | noch einmal | komm | immer wieder | bleib bei mir | heute nacht | allein | jetzt | ja | oh
| nie allein
""",
    ),
    "fr": make_bank(
        "French",
        """
je cherche | on porte | je garde | je chante | on oublie | je vois | je perds | je rêve | il trouve | je
quitte | on danse | je marche | je veux

la lune | ta voix | le jour | une étoile | la mer | mon coeur | le chemin | la lumière | ta main | le feu
| une chanson | le silence | la pluie | ton nom | la fenêtre | le vent | un grand secret | cette histoire

dans la nuit | sous la pluie | sur la route | avec toi | vers le soleil | sans un amour | dans la ville |
au jardin | sur les toits | sous le ciel bleu | en hiver | loin de moi

mon amour | encore | viens | toujours | oh oui | jamais plus | demain | mon ami | ici | oh | ce soir
""",
    ),
    "it": make_bank(
        "Italian",
        """
io cerco | tu porti | sento | voglio | canto | ricordo | aspetto | trovo | vedo | seguo | perdo | amo |
cantiamo

la luna | la tua voce | il mare | una canzone | la notte | il mio cuore | la strada | le stelle | il sole
| un segreto | il vento | la pioggia | il tuo nome | la finestra | il silenzio | un sogno

nella notte | sotto il cielo | sulla strada | con te | senza paura | fino al mattino | dentro il mare |
verso casa | sopra la montagna | in silenzio | nel giardino | lontano da me | vicino al fiume

amore mio | ancora | vieni qui | sempre | per te | mai | domani | piano piano | oh | adesso
""",
    ),
    "pt": make_bank(
        "Portuguese",
        """
eu procuro | eu guardo | canto | espero | eu quero | vejo | perco | eu amo | ouço | levo | encontro | sigo
| sinto

a lua | tua voz | o mar | uma canção | a noite | meu coração | o caminho | os olhos | a chuva | o fogo |
uma estrela | o vento | teu nome | a janela | o silêncio | a luz

na cidade | sob o céu | na manhã | com você | sem tempo | até amanhã | na sombra | pela rua | no jardim |
sobre o rio | na montanha | longe do mundo | nas ondas | no verão

meu amor | outra vez | vem | sempre | agora | nunca | meu bem | devagar | juntos | oh
""",
    ),
    "pl": make_bank(
        "Polish",
        """
ja szukam | słyszę | widzę | niosę | kocham | śpiewam | pamiętam | znajdę | maluję

twój głos | noc | morze | słońce | moje serce | drogę | gwiazdy | ogień | deszcz | twoje imię | okno |
ciszę | światło | stary dom | nowy dzień

nocą | pod niebem | nad wodą | na ulicy | do rana | za oknem | przy rzece | za ogrodem | bez strachu | o
świcie | na moście | daleko stąd

kochana | jeszcze raz | chodź tu | zawsze | nigdy | dziś | razem | oh | teraz | powoli
""",
    ),
    "tr": make_bank(
        "Turkish",
        """
arıyorum | duyuyorum | seviyorum | bekliyorum | görüyorum | istiyorum | unutmam | söylüyorum | taşırım

seni | geceyi | denizi | sesini | yıldızları | kalbimi | güneşi | yolunu | adını | bir şarkıyı | rüyamı |
gözlerini | ateşi | yağmuru

bu gece | şehirde | gökyüzünde | sabaha kadar | pencerede | deniz kıyısında | bahçede | dağlarda |
sessizce | uzakta | rüzgarda | seninle

sevgilim | yeniden | gel | daima | yarın | dostum | bir daha | yavaş yavaş | şimdi | ey
""",
        verb_last=True,
    ),
    "sw": make_bank(
        "Swahili",
        """
natafuta | nasikia | tunaimba | ninapenda | naona | ninabeba | tunangoja | nakumbuka | nataka | tutapata

mwezi | sauti yako | bahari | wimbo | moyo wangu | njia | nyota | moto | mvua | jina lako | jua | ndoto |
mlango | upepo

usiku | mjini | juu ya maji | asubuhi | na wewe | mlimani | chini ya anga | mbali sana | bustanini |
karibu na mto | kila siku | bila hofu

mpenzi | tena | njoo | daima | rafiki | leo | pole pole | pamoja | kesho | sasa
""",
    ),
    "ja": make_bank(
        "Japanese",
        """
sagashiteru | kiiteiru | mitsuketa | utau yo | matsu yo | wasurenai | aishiteru | miteita | egaku |
oikakeru

hoshi wo | kimi no koe wo | umi wo | tsuki wo | yume wo | hikari wo | kono uta wo | ame no oto wo | namida
wo | sora wo | kimi no namae wo | kaze wo | natsu wo

yoru ni | machi de | sora no shita | asa made | mado no soba | yama no ue de | kimi to | kawa no hotori |
ame no naka | tooku de | hitori de | niwa de

mata ne | itsumo | nee kimi | mou ichido | ima | ashita | itsumademo | aa | oide | futari de
""",
        verb_last=True,
    ),
}
