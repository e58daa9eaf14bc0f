// SPDX-License-Identifier: Apache-2.0
/**
 * Simulations for plain Java: whole programs of several hosts on virtual time, decided by one seed. They need the artifact
 * {@code simul-simulation} beside the facade, which tests add in the scope {@code test}; nothing else of the facade does.
 */
@NullMarked
package dev.simul.facade.simulation;

import org.jspecify.annotations.NullMarked;
