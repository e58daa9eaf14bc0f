// SPDX-License-Identifier: Apache-2.0
package dev.simul.house.homeless.misc

/** A class in a package that the layers do not know. */
class Drawer
