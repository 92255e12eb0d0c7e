from newsletter.blocks import (
    Button,
    Callout,
    Field,
    Image,
    Lead,
    Link,
    List,
    Paragraph,
    Question,
    Quote,
    Slot,
    Strong,
    Table,
    Text,
    walk,
)

NAME = Slot(Field.FIRST_NAME, "collega")
LINK = Link((Strong((Text("kaart"), NAME)),), "https://intranet.example.org")


def test_a_walk_meets_everything_however_deep_in_the_order_of_reading() -> None:
    image = Image("plan.png", "", line=4)
    inner = Paragraph((LINK,), line=3)
    points = List(((inner,), (image,)), line=2)
    answer = Question((Text("Waarom?"),), (points,), line=1)

    found = list(walk((answer, Button("Ga", "https://example.org", line=9))))

    assert [type(part).__name__ for part, _ in found] == (
        "Question Text List Paragraph Link Strong Text Slot Image Button".split()
    )
    assert [line for _, line in found] == [1, 1, 2, 3, 3, 3, 3, 3, 4, 9]


def test_a_walk_goes_into_every_kind_of_block() -> None:
    words = Paragraph((NAME,), line=2)
    for block in (
        words,
        List(((words,),), line=2),
        Table(((Text("a"),),), (((NAME,),),), ("left",), line=2),
        Table(((NAME,),), (), ("left",), line=2),
        Quote((words,), line=2),
        Quote((), (NAME,), line=2),
        Question((NAME,), (), line=2),
        Question((), (words,), line=2),
        Lead((words,), line=2),
        Callout((NAME,), (), line=2),
        Callout((), (words,), line=2),
    ):
        assert (NAME, 2) in list(walk((block,)))


def test_words_alone_have_the_line_that_is_given() -> None:
    assert list(walk((NAME, Text("!")), 7)) == [(NAME, 7), (Text("!"), 7)]
