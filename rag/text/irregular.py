"""English words whose forms no stemmer joins: irregular verbs, plurals and degrees, each with its dictionary form.

Forms that are more often another word ("ground", "wound", "lay", "bound", "bore") are left out.
"""

from __future__ import annotations

_FORMS = """
arise: arose arisen | awake: awoke awoken | bear: borne | beat: beaten | become: became | begin: began begun
bend: bent | bet: betted | bid: bade bidden | bind: bound | bite: bit bitten | bleed: bled | blow: blew blown
break: broke broken | breed: bred | bring: brought | build: built | burn: burnt | buy: bought | catch: caught
choose: chose chosen | cling: clung | come: came | creep: crept | deal: dealt | dig: dug | draw: drew drawn
dream: dreamt | drink: drank drunk | drive: drove driven | dwell: dwelt | eat: ate eaten | fall: fell fallen
feed: fed | feel: felt | fight: fought | find: found | flee: fled | fling: flung | fly: flew flown
forbid: forbade forbidden | foresee: foresaw foreseen | forget: forgot forgotten | forgive: forgave forgiven
freeze: froze frozen | get: got gotten | give: gave given | go: went gone | grow: grew grown | hang: hung
hear: heard | hide: hid hidden | hold: held | keep: kept | kneel: knelt | know: knew known | lead: led
leap: leapt | learn: learnt | leave: left | lend: lent | light: lit | lose: lost | make: made | mean: meant
meet: met | mistake: mistook mistaken | overcome: overcame | overtake: overtook overtaken
overthrow: overthrew overthrown | pay: paid | prove: proven | ride: rode ridden | ring: rang rung
rise: rose risen | run: ran | say: said | see: saw seen | seek: sought | sell: sold | send: sent | sew: sewn
shake: shook shaken | shine: shone | shoot: shot | show: shown | shrink: shrank shrunk | sing: sang sung
sink: sank sunk | sit: sat | sleep: slept | slide: slid | speak: spoke spoken | speed: sped | spend: spent
spin: spun | spring: sprang sprung | stand: stood | steal: stole stolen | stick: stuck | sting: stung
strike: struck stricken | strive: strove striven | swear: swore sworn | sweep: swept | swim: swam swum
swing: swung | take: took taken | teach: taught | tear: tore torn | tell: told | think: thought
throw: threw thrown | undergo: underwent undergone | understand: understood | undertake: undertook undertaken
uphold: upheld | wake: woke woken | wear: wore worn | weave: wove woven | weep: wept | win: won
withdraw: withdrew withdrawn | withhold: withheld | withstand: withstood | write: wrote written | rebuild: rebuilt
child: children | man: men | woman: women | foot: feet | tooth: teeth | goose: geese | mouse: mice | ox: oxen
person: people persons | life: lives | wife: wives | knife: knives | leaf: leaves | half: halves | shelf: shelves
thief: thieves | wolf: wolves | calf: calves | loaf: loaves | crisis: crises | analysis: analyses | thesis: theses
basis: bases | axis: axes | hypothesis: hypotheses | criterion: criteria | phenomenon: phenomena | datum: data
bacterium: bacteria | nucleus: nuclei | fungus: fungi | index: indices | appendix: appendices | vertex: vertices
good: better best | bad: worse worst | far: farther further furthest
"""

DICTIONARY_FORM: dict[str, str] = {
    form: head.strip()
    for line in _FORMS.strip().splitlines()
    for entry in line.split("|")
    for head, _, forms in [entry.partition(":")]
    for form in forms.split()
}
