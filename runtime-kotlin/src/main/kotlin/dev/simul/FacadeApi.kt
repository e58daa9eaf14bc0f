// SPDX-License-Identifier: Apache-2.0
package dev.simul

/**
 * Marks what the facade for Java is built on, and nothing else: the package `dev.simul.interop`, and the calls of bodies that it gives.
 *
 * In Kotlin everything that this marks has a better form: write `suspend` functions, and durations of Kotlin. What is marked may change
 * with every version.
 */
@RequiresOptIn("This serves the facade for Java alone: Kotlin has suspend functions and durations of its own.", RequiresOptIn.Level.ERROR)
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS, AnnotationTarget.FUNCTION, AnnotationTarget.PROPERTY)
@MustBeDocumented
public annotation class FacadeApi
