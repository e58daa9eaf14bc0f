// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.testing.runTest
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.core.spec.style.scopes.FunSpecRootScope

/** A test that runs [body] in a loop on virtual time, by [runTest]. */
internal fun FunSpecRootScope.loopTest(
    name: String,
    body: suspend () -> Unit,
): Unit = test(name) { runTest(body = body) }

/** As the other [loopTest], inside a context. */
internal suspend fun FunSpecContainerScope.loopTest(
    name: String,
    body: suspend () -> Unit,
): Unit = test(name) { runTest(body = body) }
