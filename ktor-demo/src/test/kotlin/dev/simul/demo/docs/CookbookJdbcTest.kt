// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.facade.Asyncio
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import org.h2.jdbcx.JdbcConnectionPool
import java.sql.SQLException
import java.util.concurrent.CountDownLatch
import javax.sql.DataSource
import dev.simul.run as runLoop

/** The cookbook's transaction, with a real database, which has one connection. */
class CookbookJdbcTest :
    FunSpec({
        val languages =
            mapOf<String, (DataSource, Long, String, String) -> Unit>(
                "Kotlin" to { bank, amount, from, to -> runLoop { transfer(bank, amount, from, to) } },
                "Java" to { bank, amount, from, to ->
                    Asyncio.run { CookbookSamplesJdbcInJava.transfer(bank, amount, from, to) }
                },
            )
        for ((language, transfer) in languages) {
            test("a transfer changes both accounts, or none, in $language") {
                withBank { bank ->
                    transfer(bank, 30, "ada", "bob")
                    bank.balances() shouldBe mapOf("ada" to 70L, "bob" to 30L)
                    shouldThrow<SQLException> { transfer(bank, 30, "ada", "cy") }
                    bank.balances() shouldBe mapOf("ada" to 70L, "bob" to 30L)
                }
            }
        }

        test("a cancelled transaction is rolled back, in Kotlin") {
            withBank { bank ->
                val hasChanged = CountDownLatch(1)
                val mayEnd = CountDownLatch(1)
                runLoop {
                    val task =
                        createTask {
                            transaction(bank) { connection ->
                                connection.createStatement().use { it.execute("UPDATE accounts SET balance = 0") }
                                hasChanged.countDown()
                                mayEnd.await()
                            }
                        }
                    toThread { hasChanged.await() }
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                    toThread { mayEnd.countDown() }
                }
                bank.balances() shouldBe mapOf("ada" to 100L, "bob" to 0L)
            }
        }

        test("a cancelled transaction is rolled back, in Java") {
            withBank { bank ->
                val hasChanged = CountDownLatch(1)
                val mayEnd = CountDownLatch(1)
                Asyncio.open().use { loop ->
                    val task =
                        loop.submit<Unit> {
                            CookbookSamplesJdbcInJava.transaction(bank) { connection ->
                                connection.createStatement().use { it.execute("UPDATE accounts SET balance = 0") }
                                hasChanged.countDown()
                                mayEnd.await()
                            }
                        }
                    hasChanged.await()
                    task.cancel()
                    loop.submit<Unit> { }.get() // The cancellation has been delivered.
                    mayEnd.countDown()
                }
                bank.balances() shouldBe mapOf("ada" to 100L, "bob" to 0L)
            }
        }
    })

private fun withBank(test: (DataSource) -> Unit) {
    val bank = JdbcConnectionPool.create("jdbc:h2:mem:bank", "", "")
    bank.maxConnections = 1
    try {
        bank.connection.use { keeping ->
            keeping.createStatement().use {
                it.execute("CREATE TABLE accounts (owner VARCHAR PRIMARY KEY, balance BIGINT)")
                it.execute("INSERT INTO accounts VALUES ('ada', 100), ('bob', 0)")
            }
        }
        test(bank)
    } finally {
        bank.dispose()
    }
}

private fun DataSource.balances(): Map<String, Long> =
    connection.use { connection ->
        connection.createStatement().use { statement ->
            statement.executeQuery("SELECT owner, balance FROM accounts").use { rows ->
                buildMap { while (rows.next()) put(rows.getString(1), rows.getLong(2)) }
            }
        }
    }
