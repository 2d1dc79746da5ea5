"""Given names that each language of Europe has in a form of its own: a king Jean or Juan may be «Иоанн»."""

from __future__ import annotations

from functools import lru_cache

ENDING = 2  # letters that declension adds to a name, at most
_FORMS = """
john johann johannes jean juan ivan jan giovanni joao : джон иоанн иоганн йоханнес жан хуан иван ян джованни жуан
peter pierre pedro pietro piotr petrus : питер петр пьер педро пьетро петрус
paul pablo paolo pavel paulus : пол павел поль пабло паоло
henry henri heinrich enrique hendrik enrico : генри генрих анри энрике хендрик энрико
charles karl carlos carlo carolus : чарльз карл шарль карлос карло
william guillaume wilhelm willem guillermo guglielmo : уильям вильям вильгельм гийом виллем гильермо гульельмо
louis ludwig luis luigi lewis ludovic : луи людовик людвиг луис луиджи льюис
philip philippe felipe philipp : филипп фелипе филип
francis francois francisco francesco franz frans : фрэнсис франциск франсуа франсиско франческо франц
frederick friedrich frederic federico frederik : фредерик фридрих федерико
george georges georg jorge giorgio : джордж георг георгий жорж хорхе джорджо
stephen steven stefan etienne istvan esteban : стивен стефан степан этьен иштван эстебан
michael michel miguel michele mikhail : майкл михаил михаэль мишель мигель микеле
andrew andreas andre andrea andres : эндрю андрей андреас андре андреа
james jacob jacques jaime jakob giacomo iago : джеймс яков иаков жак хайме якоб джакомо
nicholas nicolas nikolaus niccolo nikolai : николас николай николя николаус никколо
alexander alexandre alejandro alessandro : александр александер алехандро алессандро
theodore theodor teodoro fyodor feodor : теодор федор феодор
matthew matthias mateo matteo matthieu : мэтью матфей матвей маттиас матео матье
luke lucas luca luc : лука лукас люк
joseph jose giuseppe josef josip : джозеф иосиф жозеф хосе джузеппе йозеф
anthony antonio antoine anton antonius : энтони антоний антонио антуан антон
hugh hugo hugues ugo : хью гуго гюго уго
baldwin baudouin balduin : болдуин балдуин бодуэн
geoffrey geoffroi gottfried godfrey jeffrey : джеффри жоффруа готфрид годфри
gregory gregor gregorio gregoire : грегори григорий грегор грегорио грегуар
lawrence laurent lorenzo laurentius : лоуренс лаврентий лоран лоренцо
basil basilius vasily vasilios : бэзил василий
benedict benoit benedetto : бенедикт бенуа бенедетто
eugene eugen eugenio evgeny : юджин евгений эжен эуген
elizabeth isabel isabelle isabella elisabeth elisabetta : елизавета элизабет изабель изабелла
mary maria marie : мэри мария мари
joan jeanne joanna juana giovanna johanna : джоан жанна иоанна хуана джованна иоганна
catherine katherine katharina caterina catalina : кэтрин екатерина катарина катерина каталина
margaret marguerite margarita margherita : маргарет маргарита маргерит
helen helena elena helene : хелен елена элен хелена
anne anna ann ana : энн анна анн ана
leo leon leone : лев леон леоне
constantine constantin konstantin : константин
caesar cesar cesare : цезарь сезар чезаре
julius jules julio giulio : юлий юлиус жюль хулио джулио
moses moshe moise musa : моисей моше муса
abraham ibrahim abram : авраам абрахам ибрагим
solomon suleiman salomon : соломон сулейман
"""


@lru_cache(maxsize=1)
def _forms() -> dict[str, frozenset[str]]:
    """For each Latin form, the Russian ones, in all the groups that it is in."""
    found: dict[str, frozenset[str]] = {}
    for line in _FORMS.strip().splitlines():
        latin, russian = (side.split() for side in line.split(":"))
        for name in latin:
            found[name] = found.get(name, frozenset()) | frozenset(russian)
    return found


def same_given_name(latin: str, russian: str) -> bool:
    """Whether two folded words are forms of one given name; the Russian one may be declined.

    >>> same_given_name("guillaume", "вильгельму"), same_given_name("guillaume", "иоанну")
    (True, False)
    """
    forms = _forms().get(latin, frozenset())
    return any(russian.startswith(form.rstrip("аяйь")) and len(russian) - len(form) <= ENDING for form in forms)
