// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.loop.ThreadsAsNew
import java.util.concurrent.Executor

/** The platform threads of bodies. */
internal object BodyThreads : Executor by ThreadsAsNew("simul-body-")
