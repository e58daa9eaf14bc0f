// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

/** Who awaits whom among [tasks]. None of it recurses: there are chains of thousands. */
internal class AwaitGraph(
    private val tasks: List<TaskSnapshot>,
) {
    private val byId = tasks.associateBy { it.id }
    private val awaiters: Map<Long, List<TaskSnapshot>> =
        HashMap<Long, MutableList<TaskSnapshot>>().apply {
            for (task in tasks) for (id in task.awaits.distinct()) getOrPut(id) { ArrayList() } += task
        }

    fun awaitedBy(task: TaskSnapshot): List<TaskSnapshot> = awaiters[task.id].orEmpty()

    fun awaits(task: TaskSnapshot): List<TaskSnapshot> = task.awaits.distinct().mapNotNull(byId::get)

    /** The tasks that nobody awaits, and of each cycle that none of these awaits, the oldest task: from them, all tasks are found. */
    val roots: List<TaskSnapshot> by lazy {
        val found = HashSet<Long>()
        val free = tasks.filter { awaitedBy(it).isEmpty() }
        free.forEach { reach(it, found) }
        val others = tasks.sortedBy { it.id }.filter { task -> (task.id !in found).also { if (it) reach(task, found) } }
        (free + others).sortedBy { it.id }
    }

    /** The ways by which a task awaits itself, each as its tasks in the order in which they await each other. */
    val cycles: List<List<TaskSnapshot>> by lazy { CycleSearch(this).from(tasks) }

    private fun reach(
        from: TaskSnapshot,
        found: MutableSet<Long>,
    ) {
        val open = ArrayDeque(listOf(from))
        while (open.isNotEmpty()) {
            val task = open.removeLast()
            if (found.add(task.id)) open += awaits(task)
        }
    }
}

/** A search in depth: it closes a cycle where it comes upon a task that is still on its path. */
private class CycleSearch(
    private val graph: AwaitGraph,
) {
    private val seen = HashSet<Long>()
    private val path = ArrayList<TaskSnapshot>()
    private val ways = ArrayList<Iterator<TaskSnapshot>>()
    private val places = HashMap<Long, Int>()
    private val cycles = ArrayList<List<TaskSnapshot>>()

    fun from(tasks: List<TaskSnapshot>): List<List<TaskSnapshot>> {
        for (task in tasks) {
            if (task.id in seen) continue
            enter(task)
            while (path.isNotEmpty()) advance()
        }
        return cycles
    }

    private fun advance() {
        val way = ways.last()
        if (!way.hasNext()) return leave()
        val next = way.next()
        val place = places[next.id]
        when {
            place != null -> cycles += path.subList(place, path.size).toList()
            next.id !in seen -> enter(next)
        }
    }

    private fun enter(task: TaskSnapshot) {
        seen += task.id
        places[task.id] = path.size
        path += task
        ways += graph.awaits(task).iterator()
    }

    private fun leave() {
        places -= path.removeLast().id
        ways.removeLast()
    }
}
