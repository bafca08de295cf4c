"""Words that say how something is asked, not what about. They stand in the index, but no question is searched or judged
by them: in a small knowledge base "how" and "I" are rare, and would outweigh what the question is about.

English has its own list, because Tantivy's lacks the words that questions are made of; the languages in ``BUILT_IN``
use Tantivy's, others none.
"""

ENGLISH = tuple(
    """
    a an the this that these those there here it its itself they them their theirs he him his she her hers we us our
    ours i me my mine myself you your yours yourself one ones who whom whose which what when where why how whether
    is am are was were be been being isn aren wasn weren do does did done doing don doesn didn have has had having haven
    hasn hadn can could cannot couldn will would won wouldn shall should shouldn may might must mustn need ought let
    lets and or but nor so if then than as at by for from in into of off on onto out over to up down with without about
    between through during before after above below again also any some such no not only own same too very just all both
    each few more most other please tell explain know want wondering hi hello hey thanks thank s t re ve ll d m
    """.split()  # noqa: SIM905 - a list of words is read as words
)  # fmt: skip

BUILT_IN = frozenset(
    {"danish", "dutch", "finnish", "french", "german", "hungarian", "italian", "norwegian", "portuguese", "russian"}
    | {"spanish", "swedish"}
)
