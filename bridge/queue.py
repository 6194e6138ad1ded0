"""The order in which waiting jobs run: in turn over the clients, by priority within a client.

Pure ordering: no clock, no tasks, no sockets. Nothing starves. A client with a thousand jobs gets one turn in
each round, and a priority is worth only a bounded number of places (PLACES_PER_PRIORITY), so that a client's
own urgent jobs cannot hold back its patient ones for ever.
"""

import heapq
from collections import OrderedDict
from collections.abc import Iterator

from bridge.jobs import Job

PLACES_PER_PRIORITY = 8
"""How many earlier jobs of the same client one step of priority overtakes."""


class QueueFull(Exception):
    """No room; the text says which limit was reached."""


class FairQueue:
    """Waiting jobs. Owns nothing but their order."""

    def __init__(self, limit: int = 256, limit_per_client: int = 64) -> None:
        self._limit = limit
        self._limit_per_client = limit_per_client
        self._arrivals = 0
        # Each client's heap of (rank, arrival, job); the clients stand in the order of their turns.
        self._waiting: OrderedDict[str, list[tuple[int, int, Job]]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __contains__(self, job_id: str) -> bool:
        return any(job.id == job_id for _, _, job in self._entries())

    def check_room(self, client: str, arriving: int = 0) -> None:
        """Raises QueueFull when one more job of `client` has no room.

        arriving: jobs of any client that were let in but are not waiting here yet.
        """
        if len(self) + arriving >= self._limit:
            raise QueueFull(f"the queue holds {self._limit} jobs, the most it takes; try again later")
        if len(self._waiting.get(client, ())) >= self._limit_per_client:
            raise QueueFull(f"this client has {self._limit_per_client} waiting jobs, the most one may have")

    def put(self, job: Job) -> int:
        """Adds a job; returns how many jobs will start before it, as things stand."""
        self._arrivals += 1
        rank = self._arrivals - PLACES_PER_PRIORITY * job.priority
        heapq.heappush(self._waiting.setdefault(job.client, []), (rank, self._arrivals, job))
        return self.position(job.id)

    def take(self) -> Job | None:
        """Removes and returns the next job; None when nothing waits."""
        if not self._waiting:
            return None
        client, heap = next(iter(self._waiting.items()))
        _, _, job = heapq.heappop(heap)
        if heap:
            self._waiting.move_to_end(client)
        else:
            del self._waiting[client]
        return job

    def remove(self, job_id: str) -> Job | None:
        """Takes a waiting job out of the queue; None when it does not wait here."""
        for client, heap in self._waiting.items():
            for entry in heap:
                if entry[2].id == job_id:
                    self._drop(client, entry)
                    return entry[2]
        return None

    def order(self) -> tuple[str, ...]:
        """The ids of the waiting jobs in the order they would start."""
        lines = [[job.id for _, _, job in sorted(heap)] for heap in self._waiting.values()]
        longest = max(map(len, lines), default=0)
        return tuple(line[turn] for turn in range(longest) for line in lines if turn < len(line))

    def position(self, job_id: str) -> int:
        """How many waiting jobs start before this one; -1 when it does not wait."""
        order = self.order()
        return order.index(job_id) if job_id in order else -1

    def _entries(self) -> Iterator[tuple[int, int, Job]]:
        for heap in self._waiting.values():
            yield from heap

    def _drop(self, client: str, entry: tuple[int, int, Job]) -> None:
        heap = self._waiting[client]
        heap.remove(entry)
        heapq.heapify(heap)
        if not heap:
            del self._waiting[client]
