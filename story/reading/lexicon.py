"""The English words that tell people, places and speech apart."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATED = _words("Mr Mrs Ms Mme Mlle Messrs Dr Prof Rev Hon St Sgt Capt Col Lt Gen Maj Fr Sr Jr Esq")
"""Titles that are written with a full stop or without."""

SAYING = _words(
    """
    said says say cried cries replied replies answered answers asked asks exclaimed exclaims whispered whispers
    murmured murmurs muttered mutters shouted shouts called calls growled growls snarled snarls observed observes
    remarked remarks returned rejoined retorted retorts continued continues added adds began begins repeated repeats
    responded responds declared declares inquired inquires enquired enquires demanded demands interrupted interrupts
    interposed protested protests persisted pursued resumed concluded ejaculated stammered stammers faltered gasped
    gasps sighed sighs sobbed sobs laughed laughs chuckled chuckles smiled moaned moans groaned groans grumbled
    grumbles mumbled mumbles screamed screams shrieked shrieks yelled yells bawled roared roars bellowed thundered
    hissed hisses snapped snaps barked drawled announced announces explained explains suggested suggests admitted
    admits agreed agrees argued argues affirmed assented asserted assured commented confessed confided corrected
    countered croaked echoed offered ordered orders commanded pleaded pleads begged begs promised quavered queried
    quipped quoth reminded reflected scoffed scolded sneered snorted spluttered sputtered stated states teased urged
    urges ventured volunteered vowed wailed warned warns whimpered whined wondered breathed breathes blurted boomed
    cautioned complained acknowledged conceded finished prompted insisted insists noted notes told tells spoke speaks
    wheezed rasped rasps cooed crooned cursed grunted grunts intoned lied mused muses panted piped proceeded
    """
)
"""Verbs that stand beside a line of dialogue, in the past and the present."""

MALE_TITLES = _words(
    """
    Mr Mister Sir Lord King Prince Duke Count Earl Baron Viscount Marquis Marquess Emperor Tsar Czar Sultan Squire
    Master Monsieur Signor Señor Senor Don Herr Father Brother Uncle Grandfather Friar Abbé Abbot Gentleman Esquire
    Pope Messrs Goodman Fr
    """
)
FEMALE_TITLES = _words(
    """
    Mrs Miss Ms Lady Queen Princess Duchess Countess Baroness Viscountess Marchioness Empress Mistress Madam Madame
    Mademoiselle Mme Mlle Signora Signorina Señora Señorita Dame Frau Fräulein Mother Sister Aunt Auntie Grandmother
    Goody Goodwife Dowager Widow Missis Missus
    """
)
OTHER_TITLES = _words(
    """
    Dr Doctor Prof Professor Captain Capt Colonel Col General Gen Major Maj Lieutenant Lt Sergeant Serjeant Sgt
    Corporal Private Ensign Cadet Admiral Commander Commodore Marshal Sheriff Deputy Inspector Detective Superintendent
    Constable Officer Agent Chief Judge Justice Governor President Minister Senator Mayor Chancellor Ambassador
    Reverend Rev Deacon Bishop Archbishop Cardinal Pastor Parson Vicar Rabbi Cousin Comrade Chairman Director Secretary
    Commissioner Councillor Councilor Counselor Citizen Elder Nurse Hon Honourable Honorable Vice Assistant Mate
    Boatswain Operative Archmage Magister Overseer Warden Regent Steward Engineer
    """
)
TITLES = MALE_TITLES | FEMALE_TITLES | OTHER_TITLES
"""What stands before the name of a person, each by the sex it tells of."""

ROLES = TITLES | _words(
    """
    Martian Assassin Stranger Traveller Traveler Psychologist Editor Narrator Witch Wizard Hatter Hare Gryphon
    Caterpillar Cat Dormouse Dodo Knave Rabbit Dragon Prophet Oracle Emissary Envoy Guardian Keeper Watcher Hunter
    Pilot Cook Curate Artilleryman Magistrate Pilgrim Patriarch Matriarch Advocate Attorney Headmaster Headmistress
    Principal Ringmaster Tinker Tailor Wanderer Visitor Courier Clerk Landlord Landlady Librarian Archivist Butler
    Coachman Scarecrow Woodman Lion Tiger Wolf Bear Fox Owl Raven Mage Sorcerer Sorceress Priest Priestess Monk Nun
    Lama
    """
)
"""Common nouns that, in capitals behind ``the``, are what a book calls a person."""

EPITHETS = _words(
    """
    Old Young Poor Little Dear Dearest Good Big Black Red Great Honest Sweet Lovely Worthy Late Blessed Brave Fair Wee
    Man
    """
)
"""Words that may stand before a name without being a part of it."""

PLACE_WORDS = _words(
    """
    Street Road Lane Avenue Square Park Hall House Manor Grange Heights Castle Palace Abbey Court Terrace Place Bridge
    River Lake Sea Ocean Bay Mountain Mountains Mount Hill Hills Valley Forest Wood Woods Island Islands Isle Isles
    City Town Village County Station Church Cathedral Chapel College School University Academy Institute Hospital Inn
    Hotel Tavern Arms Club Company Society Office Department Ministry Bank Museum Theatre Theater Gate Gardens Garden
    Common Moor Crag Crags Farm Cottage Lodge Mill Mills Port Harbour Harbor Dock Docks Coast Cape Point Beach North
    South East West Empire Kingdom Republic Union Army Navy Guard Regiment Corps Fleet Academy Council Committee
    Parliament Senate Congress Association Corporation Corp Inc Industries Sector Station Colony Base Deck Bay Ring
    Cross Row Crescent Hundred Heath Green Fields Downs Dale Falls Creek Pass Canyon Desert Cemetery Prison Tower Room
    Mercury Express Gazette Times Telegraph Journal Herald Chronicle Magazine Act Bible Testament War Day Night Eve
    Stage Studio Studios Theatre Pictures Building Plaza Mall Market Cafe Café Diner Bar Library Lab Laboratory Center
    Centre Tavern Stables Wharf Quarter District Province Region Alley Drive Highway Boulevard Nebula System Galaxy
    Belt Protocol Project Initiative Treaty Alliance Federation Consortium Collective Order Guild Archive Archives
    Accord
    """
)
"""Words that end the names of places and of what else is no person."""

PLACE_BEGINNINGS = _words(
    """
    Port Mount Lake Fort New Saint San Santa Los Las El Cape Camp Planet Project Operation Sector
    """
)
"""Words that begin the names of places and undertakings."""

DAYS = _words(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
    September October November December Christmas Easter Michaelmas Sabbath Lent Whitsuntide Halloween Thanksgiving
    Spring Summer Autumn Winter
    """
)

PLACES = _words(
    """
    London England Scotland Ireland Wales Britain France Germany Italy Spain Russia Austria Prussia Greece Turkey Egypt
    India China Japan America Canada Mexico Australia Africa Asia Europe Paris Rome Berlin Vienna Venice Moscow Madrid
    Dublin Edinburgh Liverpool Manchester Birmingham Bristol Oxford Cambridge Bath Brighton Yorkshire Kent Surrey
    Sussex Essex Devon Devonshire Cornwall Derbyshire Hertfordshire Hampshire Somerset Boston Chicago Philadelphia
    California Texas York Jersey Massachusetts Virginia Louisiana Orleans Washington Hollywood Broadway Manhattan
    Brooklyn Amsterdam Holland Belgium Switzerland Portugal Poland Sweden Norway Denmark Hungary Bohemia Persia Arabia
    Jerusalem Babylon Constantinople Naples Florence Milan Geneva Dover Calais Westminster Whitehall Piccadilly Thames
    Hyde Soho Earth Mars Venus Jupiter Saturn Neptune Uranus Pluto Moon Sun Luna Titan Europa Ganymede Terra Sol
    Atlantic Pacific Mediterranean Antarctica Arctic Siberia Himalayas Alps Hell Heaven Paradise Eden Olympus
    """
)

NATIONS = _words(
    """
    English Englishman Englishmen Englishwoman British Briton Scotch Scottish Scots Scotchman Irish Irishman Welsh
    French Frenchman Frenchmen Frenchwoman German Germans Italian Italians Spanish Spaniard Russian Russians Austrian
    Prussian Greek Greeks Turk Turks Turkish Egyptian Indian Indians Chinese Japanese American Americans Canadian
    Mexican Australian African Asian European Europeans Dutch Dutchman Swiss Portuguese Polish Pole Swedish Norwegian
    Danish Dane Hungarian Persian Arab Arabian Jew Jews Jewish Hebrew Latin Roman Romans Gothic Norman Saxon Yankee
    Christian Christians Christianity Catholic Catholics Protestant Protestants Puritan Puritans Methodist Calvinist
    Quaker Pagan Muslim Buddhist Hindu Popish Bohemian Gipsy Gypsy Negro Londoner Victorian Elizabethan Parisian
    Oriental
    """
)

HOLY_AND_ABSTRACT = _words(
    """
    God Gods Lord Lordship Lordships Ladyship Almighty Creator Maker Saviour Savior Redeemer Christ Jesus Jehovah
    Providence Scripture Scriptures Gospel Bible Satan Devil Lucifer Beelzebub Holy Ghost Spirit Nature Fate Fortune
    Fates Destiny Death Time Love Truth Liberty Justice Reason Science Art Virtue Evil Majesty Highness Excellency
    Eminence Grace Honour Honor Worship Reverence Serene Royal Imperial Hell Heaven Heavens Universe World State Church
    Crown Government Force Law Almanac Latin Sphinx Muse Muses Yuletide Tory Whig Radical Conservative Liberal
    Black-Man Evil-One Psalm Psalms Testament Genesis Revelation
    """
)
"""What is written in capitals out of respect."""

FUNCTION_WORDS = _words(
    """
    A About Above Across After Afterwards Again Against Ah Aha Ahem Alas All Allow Almost Alone Along Already Also
    Although Always Am Amen Amid Among An And Another Any Anybody Anyhow Anyone Anything Anyway Apart Are Around As
    Aside At Away Aye Ay Bah Be Because Been Before Behind Behold Being Believe Below Beneath Beside Besides Better
    Between Beyond Both Bravo But By Bye Can Cannot Can't Certainly Come Could Couldn't Dare Damn Damned Dead Deuce Did
    Didn't Do Does Doesn't Don't Down During Each Eh Either Else Enough Er Even Ever Every Everybody Everyone
    Everything Everywhere Exactly Except Excuse Far Farewell Few Fie Finally First Five For Forgive Forward Four From
    Further Get Give Go Gone Good Good-bye Goodbye Good-night Goodnight Gracious Great Ha Had Hadn't Hah Hail Half
    Hallo Halloa Hang Has Hasn't Hast Hath Have Haven't He He'd He'll He's Hear Hell Hello Hence Her Here Here's Hers
    Herself Hey Hi Him Himself His Hist Ho Hold Hollo How How's However Hullo Humph Hundred Hurrah Hush I I'd I'll I'm
    I've If Impossible In Indeed Inside Instead Into Is Isn't It It'll It's Its Itself Just Keep Know Later Least Leave
    Less Lest Let Let's Like Listen Little Lo Look Many May Maybe Me Meanwhile Might Mind Mine More Moreover Most Much
    Must My Myself Nay Near Nearly Neither Never Nevertheless Next No No-one Nobody None Nonetheless Nonsense Nor Not
    Nothing Now Nowhere O Of Off Oh Ok Okay On Once One Ones Only Onto Or Other Others Otherwise Ought Our Ours
    Ourselves Out Outside Over Own Pardon Past Perhaps Please Pooh Possibly Pray Presently Probably Quick Quickly Quite
    Rather Really Right Same Save See Seven Several Shall Shame She She'd She'll She's Should Shouldn't Silence Since
    Six So Some Somebody Somehow Someone Something Sometimes Somewhere Soon Stay Still Stop Such Suddenly Surely Take
    Ten Than Thank Thanks That That's The Thee Their Theirs Them Themselves Then Thence There There's Therefore These
    They They'd They'll They're They've Thine Things Think Third This Those Thou Though Thousand Three Through
    Throughout Thus Thy Till 'Tis Tis To Today Together Tomorrow Tonight Too Toward Towards True Tush Tut Twas Two Ugh
    Under Unless Unlike Until Up Upon Us Usually Very Wait Was Wasn't Watch We We'd We'll We're We've Welcome Well Were
    Weren't What Whatever What's When Whence Whenever Where Where's Whereas Whereupon Wherever Whether Which Whichever
    While Whilst Whither Who Who's Whoever Whole Whom Whose Why Wilt With Within Without Won't Would Wouldn't Ye Yea
    Yeah Yes Yesterday Yet You You'd You'll You're You've Your Yours Yourself Yourselves Zounds Chapter Chapters Book
    Volume Part Section Act Scene Letter Note Notes Preface Prologue Epilogue Introduction Contents Appendix Finis End
    Postscript Sirs Gentlemen Ladies Ma'am Madam Sir Sirrah Boys Girls People Everyone Universal Government Internet
    Wi-Fi Agreement Enter Exit Copyright POV HQ TV AI OK NASA USA UK US UN EU CEO FBI CIA DNA ID PR CCTV GPS VIP AM PM
    NOT STOP
    """
)
"""Words that are never a name, and in front of which one ends."""

PARTICLES = _words("de du des della di da von van der den del la le ten ter al bin ibn")
"""Small words inside a surname."""

ACTING = _words(
    """
    looked looks turned turns smiled smiles nodded nods walked walks rose rises sat sits stood stands saw sees heard
    hears felt feels thought thinks knew knows took takes gave gives shook shakes stared stares glanced glances frowned
    frowns grinned grins blushed shrugged shrugs leaned leans leaned stepped steps entered enters hurried hastened ran
    runs jumped sprang wept weeps cried laughed laughs sighed sighs paused pauses hesitated hesitates listened listens
    watched watches waited waits wanted wants wished wishes hoped hopes loved loves hated hates remembered remembers
    forgot believed believes understood understands seized grasped grabbed grabs reached reaches knelt bowed bows
    curtsied kissed kisses embraced trembled trembles shuddered shivered swallowed swallows winced winces gazed gazes
    peered peers raised raises lowered lifted lifts pulled pulls pushed pushes drew draws threw throws flung slept woke
    wakes ate drank read reads wrote writes pointed points beckoned obeyed refused decided decides seemed wondered
    noticed notices realized realises realised realizes recognised recognized followed follows approached approaches
    spoke speaks tried tries put puts held holds kept keeps let lets got gets met meets married died dies arrived
    arrives returned returns went goes came comes left stopped stops started starts began begins made makes found finds
    did does
    """
)
"""What people do, where a verb follows a name."""

BELONGINGS = _words(
    """
    hand hands face eyes eye voice arm arms head hair heart lips mouth mind soul smile shoulder shoulders fingers cheek
    cheeks breath gaze glance tears brow forehead knees feet foot ear ears back chest temper wife husband mother father
    son daughter sister brother cousin uncle aunt nephew niece friend child children expression tone words answer reply
    death life manner attention feelings thoughts jaw throat wrist stomach grip laugh pulse
    """
)
"""What is a person's, where it follows a possessive."""

MALE_NAMES = _words(
    """
    Adam Adrian Alan Albert Alec Alex Alexander Alfred Andrew Anthony Antonio Archibald Arthur Barnaby Ben Benjamin
    Bernard Bill Bob Brian Bruce Carl Carlos Charles Charley Charlie Chris Christopher Clement Conrad Cyril Daniel
    David Dick Diego Donald Douglas Ebenezer Edgar Edmund Edward Edwin Eric Ernest Ethan Eugene Felix Fitzwilliam
    Francis Frank Fred Frederick Gabriel Geoffrey George Gerald Gilbert Giles Godfrey Gordon Gregory Guy Hamish Harold
    Harry Harvey Henry Herbert Hindley Horace Hubert Huck Hugh Hugo Humphrey Isaac Ivan Jack Jackson Jacob Jake James
    Jason Jasper Jeremy Jerome Jerry Jim Joe John Johnny Jonathan Joseph Joshua Julian Julius Karl Kenneth Kevin
    Lawrence Leo Leon Leonard Lewis Liam Louis Lucas Luke Malcolm Marcus Mark Martin Matthew Maurice Max Michael Miles
    Mortimer Nathan Nathaniel Ned Nicholas Noah Oliver Oscar Owen Patrick Paul Percy Peter Philip Phillip Pip Ralph
    Raymond Reginald Richard Robert Robin Roderick Roger Roland Ronald Rudolf Rudolph Rupert Ryan Sam Samuel Sebastian
    Septimus Sherlock Sidney Silas Simon Stephen Steven Stevie Sydney Ted Theodore Thomas Tim Timothy Tobias Tom Toby
    Tommy Tony Victor Vincent Wallace Walter Will William Willoughby
    """
)
FEMALE_NAMES = _words(
    """
    Ada Adela Adele Agatha Agnes Alice Alison Amanda Amelia Amy Angela Ann Anna Anne Annie Antoinette Arabella Augusta
    Barbara Beatrice Becky Bella Bertha Bess Bessie Betsy Betty Blanche Bridget Caroline Carmen Carrie Catherine Cathy
    Cecilia Charlotte Christina Clara Clare Claire Clarissa Constance Cora Cynthia Daisy Deborah Diana Dinah Dolly Dora
    Dorothea Dorothy Edith Eleanor Elena Eliza Elizabeth Ella Ellen Ellie Elsie Emily Emma Estella Esther Ethel Eva Eve
    Evelyn Fanny Felicity Flavia Flora Florence Frances Georgiana Gertrude Grace Gwendolen Hannah Harriet Helen Helena
    Henrietta Hester Hetty Ida Irene Isabel Isabella Jane Janet Jean Jennifer Jenny Jessica Jessie Joan Josephine
    Judith Julia Juliet Kate Katherine Kathleen Katie Kitty Laura Lavinia Lily Lisa Lizzie Lizzy Lizzie Lottie Louisa
    Louise Lucy Lydia Mabel Madeleine Madeline Margaret Maria Marian Marianne Marie Marjorie Martha Mary Matilda Maud
    May Maya Mercy Mildred Millie Mina Minnie Miranda Miriam Molly Nancy Nell Nellie Nelly Nora Olive Olivia Patricia
    Pearl Peggy Penelope Phoebe Phyllis Polly Priscilla Prudence Rachel Rebecca Rosa Rosamond Rose Rosie Ruby Ruth
    Sally Sarah Sophia Sophie Stella Susan Susannah Sylvia Tess Theresa Ursula Vera Victoria Viola Violet Virginia
    Wilhelmina Winifred Winnie Zillah Zoe
    """
)
"""First names that tell of the sex."""

NOT_NAMES = (FUNCTION_WORDS | DAYS | PLACES | NATIONS | HOLY_AND_ABSTRACT) - TITLES - MALE_NAMES - FEMALE_NAMES
"""Words that in themselves name nobody; first names that are also words of other kinds are left to the context."""

_SHORT = """
    Alexander: Alec Alex Sandy; Alexandra: Alex Sandra; Andrew: Andy Drew; Anthony: Tony; Antoinette: Toni; Arthur:
    Art; Barbara: Barb Babs; Benjamin: Ben Benny; Caroline: Carrie Caro; Catherine: Cathy Kitty Kate Cath; Charles:
    Charley Charlie Chuck; Charlotte: Lottie; Christopher: Chris Kit; Daniel: Dan Danny; David: Dave Davy; Deborah:
    Debbie; Dorothea: Dodo Dolly; Dorothy: Dot Dolly; Edmund: Ned; Edward: Ned Ted Eddie; Eleanor: Nell Nelly Ellie
    Nora; Elizabeth: Lizzy Lizzie Eliza Beth Bess Bessie Betsy Betty Liza Liz; Eliza: Liz Lizzy;
    Huckleberry: Huck; Ellen: Nelly Nell Nellie; Emily: Em Emmy; Evelyn: Evie; Frances: Fanny; Francis: Frank;
    Frederick: Fred Freddy; Gabriel:
    Gabe; George: Georgie; Geoffrey: Geoff; Georgiana: Georgy; Gregory: Greg; Harriet: Hatty Hattie; Helen:
    Nell; Henrietta: Hetty; Henry: Harry Hal; Herbert: Bertie; Hester: Hetty; Isabella: Bella Isa; James: Jim Jem Jimmy
    Jamie; Jane: Jenny Janet; Jennifer: Jenny Jen; Jeremiah: Jerry; Jessica: Jess Jessie; John: Jack Johnny; Jonathan:
    Jon; Joseph: Joe Jo; Joshua: Josh; Katherine: Kate Kathy Kitty Katie; Laurence: Laurie; Lawrence: Larry; Leonard:
    Len Leo; Lucille: Lucy; Margaret: Meg Maggie Peggy Daisy Madge; Mary: Molly Polly; Martha: Patty; Matilda:
    Tilly; Matthew: Matt; Michael: Mike Mick; Nathaniel: Nat Nathan Nate; Nicholas: Nick; Oliver: Noll; Patricia: Pat
    Patsy; Patrick: Pat Paddy; Peter: Pete; Philip: Phil Pip; Philippa: Pippa; Rebecca: Becky Becca; Richard: Dick
    Dickie Rick; Robert: Bob Bobby Rob Robin Bobbie; Ronald: Ron; Rosamond: Rosy; Rudolf: Rudy; Samuel: Sam
    Sammy; Sarah: Sally Sadie; Sophia: Sophy Sophie; Stephen: Steve Stevie Steven; Susan: Sue Susie; Susannah: Susan
    Susie; Theodore: Ted Teddy Theo; Theresa: Tess Tessa; Teresa: Tess Tessa; Thomas: Tom Tommy; Timothy:
    Tim; Victoria: Vicky; Victor: Vic; Vincent: Vince; Walter: Wat Wally; Wilhelmina: Mina Minnie; William: Will Bill
    Billy Willie Liam; Winifred: Winnie; Zachary: Zach
"""

SHORT_FORMS: dict[str, frozenset[str]] = {
    long.strip(): _words(short) for long, short in (entry.split(":") for entry in _SHORT.split(";"))
}
"""By a first name, what its bearer is called for short."""

SAME_TITLE = {
    "Mister": "Mr", "Missis": "Mrs", "Missus": "Mrs", "Dr": "Doctor", "Prof": "Professor", "Capt": "Captain",
    "Col": "Colonel", "Gen": "General", "Maj": "Major", "Lt": "Lieutenant", "Sgt": "Sergeant", "Serjeant": "Sergeant",
    "Rev": "Reverend", "Hon": "Honourable", "Honorable": "Honourable", "Mme": "Madame", "Mlle": "Mademoiselle",
    "Auntie": "Aunt", "Fr": "Father", "Senor": "Señor", "Councilor": "Councillor",
}  # fmt: skip
"""Spellings of titles by the one that stands for them."""

MARRIED_TITLES = _words("Mrs Madame Madam Mistress Signora Señora Frau Dame Goodwife Goody Widow Dowager")
MAIDEN_TITLES = _words("Miss Mademoiselle Signorina Señorita Fräulein")
SURNAME_TITLES = _words(
    "Bishop King Prince Duke Earl Baron Major Marshal Abbot Pope Constable Judge Dean Deacon Squire"
)
"""Titles that are surnames where they stand behind Mr or Mrs."""

NOBLE_TITLES = _words(
    """
    Sir Lady Lord King Queen Prince Princess Duke Duchess Count Countess Earl Emperor Empress Dame
    """
)
"""Titles of those who are seldom called by their first name alone."""
