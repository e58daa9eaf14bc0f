// SPDX-License-Identifier: Apache-2.0
package dev.simul

/**
 * Marks what only the facade for Java uses, and the extension for its tests: the package `dev.simul.interop`, and the body calls that it
 * wraps.
 *
 * In Kotlin, each marked declaration has a better form: `suspend` functions and Kotlin's durations. Marked declarations may change with
 * every version.
 */
@RequiresOptIn("This serves the facade for Java alone: Kotlin has suspend functions and durations of its own.", RequiresOptIn.Level.ERROR)
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS, AnnotationTarget.FUNCTION, AnnotationTarget.PROPERTY)
@MustBeDocumented
public annotation class FacadeApi
