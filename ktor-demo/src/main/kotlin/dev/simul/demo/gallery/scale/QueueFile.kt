// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import com.github.kagkarlsson.scheduler.task.ExecutionComplete
import com.github.kagkarlsson.scheduler.task.ExecutionOperations
import org.h2.jdbcx.JdbcConnectionPool
import java.nio.file.Path
import java.sql.PreparedStatement
import java.sql.SQLIntegrityConstraintViolationException
import javax.sql.DataSource

/**
 * A database in a file, with a queue and with what its jobs write. One process at a time can have it open. All that it does blocks.
 *
 * A commit is in the file before it returns (`WRITE_DELAY=0`), and threads that are interrupted do not close it (`async:`).
 */
internal class QueueFile(
    folder: Path,
) : AutoCloseable {
    private val pool = JdbcConnectionPool.create("jdbc:h2:async:${folder.resolve("queue")};WRITE_DELAY=0", "", "")

    /** Where db-scheduler finds its table. */
    val connections: DataSource get() = pool

    /** Whether no job is left. */
    val isEmpty: Boolean get() = ids("scheduled_tasks", "task_instance").isEmpty()

    /** The jobs that are queued or under way, in order. */
    val queued: String get() = ids("scheduled_tasks", "task_instance").joinToString()

    /** The jobs that failed too often. */
    val givenUp: String get() = ids("given_up", "id").joinToString()

    /** All that was booked. */
    val booked: String get() = ids("bookings", "id || ' ' || amount").joinToString()

    init {
        try {
            TABLES.forEach { execute(it) { executeUpdate() } }
        } catch (e: Throwable) {
            close()
            throw e
        }
    }

    /** Books [amount], unless [id] was booked before. */
    fun book(
        id: String,
        amount: Int,
    ): Boolean =
        try {
            execute("INSERT INTO bookings VALUES (?, ?)") {
                setString(1, id)
                setInt(2, amount)
                executeUpdate() == 1
            }
        } catch (_: SQLIntegrityConstraintViolationException) {
            false
        }

    /** Takes a job from the queue, and keeps its name. A crash between the two has it done again. */
    fun giveUp(
        failed: ExecutionComplete,
        operations: ExecutionOperations<Int>,
    ) {
        execute("MERGE INTO given_up KEY (id) VALUES (?)") {
            setString(1, failed.execution.taskInstance.id)
            executeUpdate()
        }
        operations.remove()
    }

    private fun ids(
        table: String,
        column: String,
    ): List<String> =
        execute("SELECT $column FROM $table ORDER BY 1") {
            executeQuery().use { rows -> buildList { while (rows.next()) add(rows.getString(1)) } }
        }

    private fun <T> execute(
        sql: String,
        statement: PreparedStatement.() -> T,
    ): T = pool.connection.use { connection -> connection.prepareStatement(sql).use { it.statement() } }

    override fun close() = pool.dispose()

    private companion object {
        /** db-scheduler's table, then those of the jobs. */
        val TABLES =
            listOf(
                """
                CREATE TABLE IF NOT EXISTS scheduled_tasks (
                    task_name VARCHAR(100), task_instance VARCHAR(100), task_data BLOB, execution_time TIMESTAMP WITH TIME ZONE,
                    picked BOOLEAN, picked_by VARCHAR(50), last_success TIMESTAMP WITH TIME ZONE, last_failure TIMESTAMP WITH TIME ZONE,
                    consecutive_failures INT, last_heartbeat TIMESTAMP WITH TIME ZONE, version BIGINT, priority SMALLINT,
                    PRIMARY KEY (task_name, task_instance))
                """,
                "CREATE TABLE IF NOT EXISTS bookings (id VARCHAR PRIMARY KEY, amount INT)",
                "CREATE TABLE IF NOT EXISTS given_up (id VARCHAR PRIMARY KEY)",
            )
    }
}
