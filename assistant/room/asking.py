"""Answer the questions of all sessions: each device in turn, and the same question once."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable

import structlog

from assistant.room.changes import Answered, KeptAnswer, KeptBlock
from assistant.room.keys import new_key
from assistant.room.store import NotNow, RoomFile
from assistant.schema import Answer, Query, QuotationBlock
from corpus.errors import CoproduceError
from corpus.filters import Filters

log = structlog.get_logger()
FAILED = "Something went wrong on our side, so there is no answer. Please ask again."


def counted_alike(question: str) -> str:
    """Give what questions are the same by: their words, whatever the case, spaces and marks."""
    return " ".join("".join(one if one.isalnum() else " " for one in question.casefold()).split()) or question.strip()


def kept(answer: Answer) -> KeptAnswer:
    """Give what is kept of an answer: spans for its quotations, never their words."""
    blocks = []
    for block in answer.blocks:
        if isinstance(block, QuotationBlock):
            cited = block.citation
            start, end = (cited.start, cited.end) if cited.speaker else cited.answer_span
            blocks.append(
                KeptBlock(kind="quotation", document=cited.document_id, passage=cited.passage_id, start=start, end=end)
            )
        else:
            blocks.append(KeptBlock(kind=block.kind, text=block.text))
    notices = tuple(notice.text for notice in answer.notes if notice.kind in ("silent", "missing", "partial", "table"))
    return KeptAnswer(status=answer.status, blocks=tuple(blocks), notices=notices)


def answer_within(ask: Callable[[Query], Answer], question: str, sections: tuple[str, ...]) -> KeptAnswer:
    """Answer from the sections in scope: with what each of them says, or as the first says that it does not."""
    answers = [
        (section, kept(ask(Query(question=question, filters=Filters(section=section)))))
        for section in sections or (None,)
    ]
    found = [one for one in answers if any(block.kind == "quotation" for block in one[1].blocks)]
    if len(found) < 2:
        return (found or answers)[0][1]
    blocks: dict[KeptBlock, None] = {}  # sections may hold each other: nothing is shown twice
    for section, answer in found:
        blocks[KeptBlock(kind="heading", text=str(section))] = None
        blocks |= dict.fromkeys(answer.blocks)
    notices = dict.fromkeys(notice for _, answer in found for notice in answer.notices)
    return KeptAnswer(status=found[0][1].status, blocks=tuple(blocks), notices=tuple(notices))


class Asker:
    """A few threads that answer. Devices take turns: one that asks three questions holds nobody up."""

    def __init__(self, ask: Callable[[Query], Answer], threads: int) -> None:
        self._ask = ask
        self._condition = threading.Condition()
        self._queues: dict[tuple[str, str], deque[str]] = defaultdict(deque)
        self._turns: deque[tuple[str, str]] = deque()
        self._rooms: dict[str, RoomFile] = {}
        self._pending: set[tuple[str, str]] = set()
        self._stopped = False
        self._threads = [threading.Thread(target=self._work, daemon=True, name=f"room-{n}") for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def add(self, file: RoomFile, person: str, question: str, same: str) -> None:
        """Have a question answered, unless the same one is waiting in that session."""
        session = file.room.session
        with self._condition:
            if (session, same) in self._pending or same in file.room.answers:
                return
            self._pending.add((session, same))
            self._rooms[session] = file
            turn = (session, person)
            self._queues[turn].append(question)
            if turn not in self._turns:
                self._turns.append(turn)
            self._condition.notify()

    def add_waiting(self, file: RoomFile) -> None:
        """Have all questions of a session answered that have no answer, as after a restart."""
        with file.reading:
            waiting = [(one.person, one.text, one.same) for one in file.room.waiting()]
        for person, text, same in waiting:
            self.add(file, person, text, same)

    def forget(self, session: str) -> None:
        """Drop what waits in a session: it is deleted."""
        with self._condition:
            self._rooms.pop(session, None)
            for turn in [one for one in self._queues if one[0] == session]:
                del self._queues[turn]
            self._turns = deque(one for one in self._turns if one[0] != session)
            self._pending = {one for one in self._pending if one[0] != session}

    def stop(self) -> None:
        """End the threads. What waits is answered after the next start."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def _next(self) -> tuple[RoomFile, str] | None:
        with self._condition:
            while not self._turns and not self._stopped:
                self._condition.wait()
            if self._stopped:
                return None
            turn = self._turns.popleft()
            question = self._queues[turn].popleft()
            if self._queues[turn]:
                self._turns.append(turn)
            else:
                del self._queues[turn]
            return self._rooms[turn[0]], question

    def _work(self) -> None:
        while (taken := self._next()) is not None:
            file, question = taken
            same = counted_alike(question)
            try:
                answer = answer_within(self._ask, question, file.room.plan.sections)
            except CoproduceError as error:
                answer = KeptAnswer(status="refused", blocks=(KeptBlock(kind="refusal", text=str(error)),))
            except Exception as error:
                log.error("a question in a session failed", error=type(error).__name__)
                answer = KeptAnswer(status="failed", blocks=(KeptBlock(kind="refusal", text=FAILED),))
            try:
                file.do("app", new_key(), Answered(same=same, answer=answer))
            except (NotNow, CoproduceError, ValueError) as error:  # it ended or was deleted meanwhile
                log.info("an answer came too late", error=type(error).__name__)
            except Exception as error:
                log.error("an answer could not be kept", error=type(error).__name__)
            finally:
                with self._condition:
                    self._pending.discard((file.room.session, same))
