"""Words people use for music, beyond our corpus's: what near_words.py looks up besides common English.

Written down without looking at the wordings that text_compare and figures_tags ask with: no word stands here
only because it is asked there, and tests/engine/test_near_words.py checks that none of those words is here.
"""

GENRES = """
hip-hop | hiphop | rnb | rhythm and blues | edm | idm | dnb | drum n bass | dubstep | brostep | electro
electronica | electropop | synthpop | synth pop | dream pop | indie pop | indie folk | britpop | k-pop
j-pop | city pop | pop rock | pop punk | punk | punk rock | post-punk | post-rock | hard rock | soft rock
classic rock | alternative rock | progressive rock | prog | psychedelic rock | psychedelia | krautrock
math rock | surf rock | heavy metal | death metal | black metal | doom metal | power metal | folk metal
thrash | thrash metal | speed metal | nu metal | metalcore | deathcore | djent | sludge | stoner rock
hardcore | grunge | shoegaze | emo | screamo | ska | rocksteady | dancehall | ragga | afrobeat | afrobeats
afropop | amapiano | highlife | soukous | kizomba | zouk | calypso | soca | merengue | bachata | cumbia
tango | flamenco | rumba | bolero | fado | mariachi | ranchera | reggaeton | forro | choro | tropicalia
bluegrass | honky-tonk | western swing | rockabilly | psychobilly | doo-wop | boogie-woogie | ragtime
dixieland | big band | hard bop | cool jazz | smooth jazz | free jazz | acid jazz | jazz fusion | nu jazz
gypsy jazz | trip hop | chillout | chill | chillwave | vaporwave | retrowave | darkwave | new wave
coldwave | acid house | deep house | tech house | progressive house | electro house | tropical house
future bass | minimal techno | dub techno | hard techno | hardstyle | gabber | happy hardcore | psytrance
goa trance | progressive trance | eurodance | eurobeat | italo disco | nu disco | breakbeat | big beat
footwork | grime | two-step | phonk | drill | crunk | g-funk | p-funk | neo soul | northern soul | lofi
lo fi hip hop | new age | dark ambient | space music | noise music | minimalism | musique concrete
soundtrack | film music | game music | video game music | chiptune | 8-bit | opera | operetta | classical
symphony | symphonic | fugue | etude | prelude | rhapsody | mazurka | polonaise | polka | march | hymn
gregorian chant | madrigal | celtic | irish | klezmer | balkan | gypsy | raga | bollywood | bhangra
qawwali | gamelan | sea shanty | singer-songwriter | easy listening | oldies | muzak | children's music
nursery rhyme | lullaby | christmas carol | anthem | torch song | power ballad | love song | drinking song
protest song | world music | elevator music | marching band | brass band | string quartet
"""
INSTRUMENTS = """
saxophone | sax | ukulele | mandolin | sitar | koto | shamisen | erhu | oud | bouzouki | balalaika
dulcimer | zither | lute | bagpipe | tin whistle | recorder | piccolo | tuba | cornet | flugelhorn | horn
bugle | viola | double bass | contrabass | acoustic bass | electric bass | bass guitar | electric guitar
lead guitar | rhythm guitar | twelve-string guitar | slide guitar | steel guitar | dobro | classical guitar
spanish guitar | power chords | fuzz | overdrive | keyboard | rhodes | wurlitzer | hammond | hammond organ
mellotron | moog | synthesizer | synthesiser | synth lead | arpeggiator | arpeggio | pads | pipe organ
harmonium | melodica | concertina | xylophone | kalimba | music box | bells | tubular bells | chimes | gong
bongos | djembe | tabla | cajon | cowbell | maracas | claves | castanets | handclaps | claps | snare
snare drum | kick drum | hi-hat | cymbals | toms | rimshot | drum loop | drum beat | beatbox | bassline
bass line | wobble bass | theremin | didgeridoo | kazoo | whistle | orchestra | philharmonic | ensemble
orchestra hit | timbre | glitch
"""
VOICES = """
crooner | diva | vocalist | singer | frontman | boy band | girl group | humming | whisper | screaming
shouting | chant | choral | a cappella | acapella | rap | rapping | spoken word | duet | vocoder | autotune
yodel | children's choir | gospel choir | female voice | male voice | woman singing | man singing
vocal harmonies
"""
MANNERS = """
chilled | chilled-out | mellowed | upbeat | uptempo | midtempo | slow-burning | fast-paced | high-energy
low-key | laidback | easygoing | carefree | heartwarming | heart-wrenching | spine-tingling | hair-raising
foot-stomping | toe-tapping | hard-hitting | bass-heavy | guitar-driven | piano-driven | in your face
wall of sound | stripped-down | lush | punchy | crunchy | fuzzy | airy | dreamlike | spacey | trippy
psychedelic | hypnotising | mesmerising | melancholy | gloom | bittersweetness | wistfulness | longing
angsty | edgy | quirky | whimsical | spooky | eerie | creepy | sinister | ominous | foreboding | apocalyptic
dystopian | futuristic | nocturnal | summery | wintry | autumnal | springlike | beachy | tropical | oriental
tribal
"""
"""Phrases apart by | or a line's end."""


def music_words() -> tuple[str, ...]:
    """All of them, in order, none twice."""
    whole = "|".join(text.strip().replace("\n", "|") for text in (GENRES, INSTRUMENTS, VOICES, MANNERS))
    return tuple(dict.fromkeys(phrase.strip() for phrase in whole.split("|")))
