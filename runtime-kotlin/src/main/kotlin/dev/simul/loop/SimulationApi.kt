// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Marks what only the module `simulation` uses: the places where a simulation decides what a loop and its network leave open.
 *
 * Programs have `simulate` of that module. Marked declarations may change with every version.
 */
@RequiresOptIn("This serves the module simulation alone: programs call simulate { } instead.", RequiresOptIn.Level.ERROR)
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS, AnnotationTarget.CONSTRUCTOR, AnnotationTarget.FUNCTION, AnnotationTarget.PROPERTY)
@MustBeDocumented
public annotation class SimulationApi
