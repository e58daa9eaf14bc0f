// SPDX-License-Identifier: Apache-2.0
/**
 * Clusters of processes for plain Java: works at other members, topics, joins and leaves. They need the artifact
 * {@code simul-cluster-hazelcast} beside the facade; nothing else of the facade does.
 */
@NullMarked
package dev.simul.facade.cluster;

import org.jspecify.annotations.NullMarked;
