"""Two captions a style in words no caption of the corpus has: what people may write who never saw ours.

tests/engine/test_text_compare.py checks that the words of meaning are indeed new.
"""

WORDINGS = {
    "rock": ("stadium riffs from cranked amplifiers", "garage quartet with long hair and leather jackets"),
    "indie rock": ("college campus alternative", "skinny jeans hipsters plucking shimmery chords"),
    "metal": ("headbanging mosh pit, growling riffs", "satanic mayhem, shredding and blast beating"),
    "pop": ("chart-topping hit for teenagers", "bubblegum earworm chorus"),
    "funk": ("getting sassy with wah-wah", "seventies strut, slapping and popping"),
    "disco": ("mirror ball and platform shoes", "boogie under glitter with bell-bottoms"),
    "reggae": ("island skank from Jamaica", "rastafarian dub from Kingston"),
    "blues": ("juke joint on the Mississippi delta", "weeping bends and a bottleneck slide"),
    "country": ("cowboys at a Nashville rodeo", "pickup truck, whiskey and barn hoedown"),
    "folk": ("troubadour strumming at the campfire", "Appalachian woodland tale, unplugged"),
    "ballad": ("heartbroken lovers' farewell by candlelight", "tearjerker, lonesome and weepy"),
    "soul": ("Motown lovemaking", "gospel-tinged rhythm from Memphis, velveteen"),
    "house": ("Chicago DJ, dancefloor banger", "Ibiza poolside clubbing"),
    "techno": ("Berlin rave in a bunker", "Detroit machines pounding in the basement"),
    "trance": ("hands-up festival laser show", "blissful ravers, goosebumps before the drop"),
    "drum and bass": ("chopped amen at breakneck velocity", "neurofunk wobble for junglists"),
    "hip hop": ("rappers freestyling in the Bronx", "turntable scratching and sampled loops"),
    "lo-fi": ("vinyl crackle for homework", "rainy coffee shop, drowsy cassette"),
    "trap": ("Atlanta gangsta rappers, rattling hats", "drug dealers with gold chains, skittering"),
    "synthwave": ("Miami sunset, outrun in a sports car", "VHS arcade cyberpunk"),
    "ambient": ("soothing background for yoga", "weightless in outer space, infinite stillness"),
    "jazz swing": ("bandstand dancers in Harlem", "improvising trio at a speakeasy"),
    "bossa nova": ("Ipanema beach at dusk", "Copacabana cocktail lounge"),
    "samba": ("Rio de Janeiro street parade with feathers", "batucada drummers marching for Mardi Gras"),
    "latin": ("Havana cabaret, congueros and timbales", "mambo and cha-cha from Cuba"),
    "waltz": ("Viennese gowns and chandeliers", "twirling couples in Vienna"),
    "cinematic": ("blockbuster trailer for Hollywood", "battlefield heroes, dragons and castles"),
    "chamber": ("quartet sonata for virtuosos", "baroque concerto in a candlelit salon"),
}
